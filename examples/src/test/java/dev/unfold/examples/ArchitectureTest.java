package dev.unfold.examples;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "dev.unfold", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String GRAPH = "dev.unfold.graph..";
    private static final String OPS = "dev.unfold.ops..";
    private static final String RNN = "dev.unfold.rnn..";
    private static final String TRIBUO = "dev.unfold.tribuo..";
    private static final String EXAMPLES = "dev.unfold.examples..";
    private static final String[] LIBRARY = {GRAPH, OPS, RNN};

    @ArchTest
    static final ArchRule should_import_downwards_between_modules = layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage("dev.unfold..")
            .layer("graph")
            .definedBy(GRAPH)
            .layer("ops")
            .definedBy(OPS)
            .layer("rnn")
            .definedBy(RNN)
            .layer("tribuo")
            .definedBy(TRIBUO)
            .layer("examples")
            .definedBy(EXAMPLES)
            .whereLayer("graph")
            .mayNotAccessAnyLayer()
            .whereLayer("ops")
            .mayOnlyAccessLayers("graph")
            .whereLayer("rnn")
            .mayOnlyAccessLayers("graph", "ops")
            .whereLayer("tribuo")
            .mayOnlyAccessLayers("graph", "ops", "rnn")
            .ensureAllClassesAreContainedInArchitecture();

    /** The order that the documentation of the package {@code dev.unfold.rnn} gives. */
    @ArchTest
    static final ArchRule should_import_in_order_within_rnn = layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage(RNN)
            .layer("init")
            .definedBy("dev.unfold.rnn.init")
            .layer("layer and cell")
            .definedBy("dev.unfold.rnn.layer", "dev.unfold.rnn.cell")
            .layer("unroll")
            .definedBy("dev.unfold.rnn.unroll")
            .layer("check")
            .definedBy("dev.unfold.rnn.check")
            .layer("optim")
            .definedBy("dev.unfold.rnn.optim")
            .layer("io")
            .definedBy("dev.unfold.rnn.io")
            .layer("model and train")
            .definedBy("dev.unfold.rnn.model", "dev.unfold.rnn.train")
            .layer("weights")
            .definedBy("dev.unfold.rnn.weights")
            .layer("report")
            .definedBy("dev.unfold.rnn.report")
            .whereLayer("init")
            .mayNotAccessAnyLayer()
            .whereLayer("layer and cell")
            .mayOnlyAccessLayers("init")
            .whereLayer("unroll")
            .mayOnlyAccessLayers("init", "layer and cell")
            .whereLayer("check")
            .mayOnlyAccessLayers("init", "layer and cell", "unroll")
            .whereLayer("check")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("optim")
            .mayOnlyAccessLayers("init", "layer and cell", "unroll")
            .whereLayer("io")
            .mayNotAccessAnyLayer()
            .whereLayer("weights")
            .mayOnlyAccessLayers("init", "layer and cell", "unroll", "io")
            .whereLayer("weights")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("report")
            .mayNotBeAccessedByAnyLayer()
            .ensureAllClassesAreContainedInArchitectureIgnoring(GRAPH, OPS, TRIBUO, EXAMPLES, "dev.unfold.rnn");

    @ArchTest
    static final ArchRule should_have_no_cycles_between_packages =
            slices().matching("dev.unfold.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule should_keep_the_libraries_of_the_examples_out_of_the_library = noClasses()
            .that()
            .resideInAnyPackage(LIBRARY)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.tribuo..",
                    "com.oracle.labs..",
                    "ai.onnx..",
                    "com.google.protobuf..",
                    "picocli..",
                    "org.knowm.xchart..",
                    "me.tongfei.progressbar..",
                    "java.awt..");

    @ArchTest
    static final ArchRule should_keep_json_in_files = noClasses()
            .that()
            .resideInAnyPackage(LIBRARY)
            .and()
            .resideOutsideOfPackages("dev.unfold.rnn.io", "dev.unfold.rnn.train", "dev.unfold.rnn.weights")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("com.google.gson..");

    @ArchTest
    static final ArchRule should_keep_commons_math_out_of_graph_and_ops = noClasses()
            .that()
            .resideInAnyPackage(GRAPH, OPS)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.commons.math3..");

    @ArchTest
    static final ArchRule should_vectorise_in_kernels_only = noClasses()
            .that()
            .resideOutsideOfPackage("dev.unfold.ops.kernel..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("jdk.incubator.vector..");

    @ArchTest
    static final ArchRule should_not_use_internals_of_the_jdk = noClasses()
            .that()
            .resideInAnyPackage(LIBRARY)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("sun..", "jdk.internal..");

    @ArchTest
    static final ArchRule should_have_no_native_methods = noMethods()
            .that()
            .areDeclaredInClassesThat()
            .resideInAnyPackage(LIBRARY)
            .should()
            .haveModifier(JavaModifier.NATIVE);

    @ArchTest
    static final ArchRule should_neither_load_native_code_nor_sleep = noClasses()
            .that()
            .resideInAnyPackage(LIBRARY)
            .should()
            .callMethod(System.class, "load", String.class)
            .orShould()
            .callMethod(System.class, "loadLibrary", String.class)
            .orShould()
            .callMethod(Runtime.class, "load", String.class)
            .orShould()
            .callMethod(Runtime.class, "loadLibrary", String.class)
            .orShould()
            .callMethod(Thread.class, "sleep", long.class)
            .orShould()
            .callMethod(Thread.class, "sleep", long.class, int.class);
}
