/**
 * Parts of the library under JMH. Whole workloads are timed by the command {@code bench} of the examples.
 *
 * <pre>
 * mvn -q package -Dmaven.test.skip=true
 * java --add-modules jdk.incubator.vector -jar benchmarks/target/benchmarks.jar
 * java --add-modules jdk.incubator.vector -jar benchmarks/target/benchmarks.jar Recording -prof gc
 * java -jar benchmarks/target/benchmarks.jar -lp
 * </pre>
 *
 * <p>The flags of the JVM are handed on to the JVMs that measure. An argument is a pattern of names; {@code -p shape=100x128x512} chooses
 * parameters, {@code -h} lists the rest.
 */
@NullMarked
package dev.unfold.benchmarks;

import org.jspecify.annotations.NullMarked;
