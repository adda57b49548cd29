package dev.unfold.graph;

/** A few operations for tests of the engine, which has none of its own. */
public final class TinyOps {
    /** a b, element by element. */
    public static final Op TIMES = new Times();

    /** a + b, element by element. */
    public static final Op PLUS = new Plus();

    /** The product of {@code [N, D]} with a matrix {@code [D, E]}, whose gradient threads share out. */
    public static final Op PRODUCT = new Product();

    /** The sum of all rows, in each row. */
    public static final Op MEET = new Meet();

    /** x, and 10 times the step and the row within the batch on top. */
    public static final Op NUMBER = new Numbered();

    /** x. */
    public static final Op COPY = new Copy("copy");

    /** The rows of a table at int32 positions. */
    public static final Op TAKE = new Take();

    /** The sum of all elements. */
    public static final Op TOTAL = new Total();

    /** x^2, with 2 x kept in the saved numbers. */
    public static final Op SQUARE = new Square();

    /** |x|. */
    public static final Op ABS = new Abs();

    /** The numbers at int32 positions. */
    public static final Op PICK = new Pick();

    /** The same of a column, {@code [V, 1]}, whose positions are its rows. */
    public static final Op PICK_ROWS = new PickRows();

    private TinyOps() {}

    /** An operation on each element by itself: its rows go apart if all inputs have them. */
    private static Rows apartIfAll(boolean[] rowed) {
        for (boolean each : rowed) {
            if (!each) {
                return Rows.TOGETHER;
            }
        }
        return Rows.APART;
    }

    private static class Times implements Op {
        @Override
        public String name() {
            return "times";
        }

        @Override
        public Shape shape(Shape[] inputs) {
            if (!inputs[0].equals(inputs[1])) {
                throw new IllegalArgumentException("times: a is " + inputs[0] + " and b is " + inputs[1]);
            }
            return inputs[0];
        }

        @Override
        public Reads backwardReads(int input) {
            return Reads.inputs(1 - input);
        }

        @Override
        public Rows rows(Shape[] inputs, boolean[] rowed) {
            return apartIfAll(rowed);
        }

        @Override
        public void forward(Pass pass) {
            for (int i = 0; i < pass.output().size(); i++) {
                pass.output()
                        .setFlat(i, pass.input(0).getFlat(i) * pass.input(1).getFlat(i));
            }
        }

        @Override
        public void backward(Pass pass, int input) {
            for (int i = 0; i < pass.inputGradient().size(); i++) {
                add(
                        pass,
                        i,
                        pass.input(1 - input).getFlat(i) * pass.outputGradient().getFlat(i));
            }
        }
    }

    private static final class Product implements Op {
        @Override
        public String name() {
            return "product";
        }

        @Override
        public Shape shape(Shape[] inputs) {
            if (inputs[0].rank() != 2 || inputs[1].rank() != 2 || inputs[0].dim(1) != inputs[1].dim(0)) {
                throw new IllegalArgumentException("product: a is " + inputs[0] + " and b is " + inputs[1]);
            }
            return inputs[0].withDim(1, inputs[1].dim(1));
        }

        @Override
        public Reads backwardReads(int input) {
            return Reads.inputs(1 - input);
        }

        @Override
        public Rows rows(Shape[] inputs, boolean[] rowed) {
            return rowed[0] && !rowed[1] ? Rows.APART : Rows.TOGETHER;
        }

        @Override
        public boolean divides(int input) {
            return input == 1;
        }

        @Override
        public void forward(Pass pass) {
            Tensor y = pass.output().fill(0);
            for (int n = 0; n < y.shape().dim(0); n++) {
                for (int d = 0; d < pass.input(1).shape().dim(0); d++) {
                    for (int e = 0; e < y.shape().dim(1); e++) {
                        y.set(
                                y.get(n, e)
                                        + pass.input(0).get(n, d)
                                                * pass.input(1).get(d, e),
                                n,
                                e);
                    }
                }
            }
        }

        @Override
        public void backward(Pass pass, int input) {
            Tensor dy = pass.outputGradient();
            Tensor dx = pass.inputGradient();
            Tensor other = pass.input(1 - input);
            for (int n = 0; n < dy.shape().dim(0); n++) {
                for (int d = pass.gradientFrom(); input == 1 && d < pass.gradientTo(); d++) {
                    for (int e = 0; e < dy.shape().dim(1); e++) {
                        dx.set(dx.get(d, e) + other.get(n, d) * dy.get(n, e), d, e);
                    }
                }
                for (int d = 0; input == 0 && d < other.shape().dim(0); d++) {
                    for (int e = 0; e < dy.shape().dim(1); e++) {
                        dx.set(dx.get(n, d) + other.get(d, e) * dy.get(n, e), n, d);
                    }
                }
            }
        }
    }

    /** An operation of one input that backward need not see. */
    private abstract static class Blind implements Op {
        private final String name;

        Blind(String name) {
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public Shape shape(Shape[] inputs) {
            return inputs[0];
        }

        @Override
        public Reads backwardReads(int input) {
            return Reads.NOTHING;
        }
    }

    private static final class Total extends Blind {
        Total() {
            super("total");
        }

        @Override
        public Shape shape(Shape[] inputs) {
            return Shape.scalar();
        }

        @Override
        public void forward(Pass pass) {
            double total = 0;
            for (int i = 0; i < pass.input(0).size(); i++) {
                total += pass.input(0).getFlat(i);
            }
            pass.output().setFlat(0, total);
        }

        @Override
        public void backward(Pass pass, int input) {
            for (int i = 0; i < pass.inputGradient().size(); i++) {
                add(pass, i, pass.outputGradient().item());
            }
        }
    }

    private static class Copy extends Blind {
        Copy(String name) {
            super(name);
        }

        @Override
        public Rows rows(Shape[] inputs, boolean[] rowed) {
            return apartIfAll(rowed);
        }

        @Override
        public void forward(Pass pass) {
            pass.output().copyFrom(pass.input(0));
        }

        @Override
        public void backward(Pass pass, int input) {
            pass.inputGradient().add(pass.outputGradient());
        }
    }

    private static final class Plus extends Copy {
        Plus() {
            super("plus");
        }

        @Override
        public Shape shape(Shape[] inputs) {
            if (!inputs[0].equals(inputs[1])) {
                throw new IllegalArgumentException("plus: a is " + inputs[0] + " and b is " + inputs[1]);
            }
            return inputs[0];
        }

        @Override
        public void forward(Pass pass) {
            pass.output().copyFrom(pass.input(0)).add(pass.input(1));
        }
    }

    private static final class Numbered extends Copy {
        private static final int STEP = 10;

        Numbered() {
            super("number");
        }

        @Override
        public Rows rows(Shape[] inputs, boolean[] rowed) {
            return Rows.NUMBERED;
        }

        @Override
        public void forward(Pass pass) {
            Shape shape = pass.output().shape();
            for (int i = 0; i < shape.size(); i++) {
                int row = i / shape.inner(0);
                pass.output().setFlat(i, pass.input(0).getFlat(i) + STEP * pass.stepOf(row) + pass.rowOf(row));
            }
        }
    }

    private static final class Meet extends Blind {
        Meet() {
            super("meet");
        }

        @Override
        public void forward(Pass pass) {
            addEachToAll(pass.input(0), pass.output().fill(0));
        }

        @Override
        public void backward(Pass pass, int input) {
            addEachToAll(pass.outputGradient(), pass.inputGradient());
        }

        private static void addEachToAll(Tensor from, Tensor to) {
            int inner = from.shape().inner(0);
            for (int column = 0; column < inner; column++) {
                double sum = 0;
                for (int i = column; i < from.size(); i += inner) {
                    sum += from.getFlat(i);
                }
                for (int i = column; i < to.size(); i += inner) {
                    to.setFlat(i, to.getFlat(i) + sum);
                }
            }
        }
    }

    private static final class Square extends Blind {
        Square() {
            super("square");
        }

        @Override
        public int saved(Shape[] inputs) {
            return inputs[0].size();
        }

        @Override
        public Rows rows(Shape[] inputs, boolean[] rowed) {
            return apartIfAll(rowed);
        }

        @Override
        public void forward(Pass pass) {
            for (int i = 0; i < pass.output().size(); i++) {
                double x = pass.input(0).getFlat(i);
                pass.output().setFlat(i, x * x);
                pass.saved().setFlat(i, 2 * x);
            }
        }

        @Override
        public void backward(Pass pass, int input) {
            for (int i = 0; i < pass.inputGradient().size(); i++) {
                add(pass, i, pass.saved().getFlat(i) * pass.outputGradient().getFlat(i));
            }
        }
    }

    private static final class Abs extends Blind {
        Abs() {
            super("abs");
        }

        @Override
        public Reads backwardReads(int input) {
            return Reads.inputs(0);
        }

        @Override
        public Rows rows(Shape[] inputs, boolean[] rowed) {
            return apartIfAll(rowed);
        }

        @Override
        public void forward(Pass pass) {
            for (int i = 0; i < pass.output().size(); i++) {
                pass.output().setFlat(i, Math.abs(pass.input(0).getFlat(i)));
            }
        }

        @Override
        public void backward(Pass pass, int input) {
            for (int i = 0; i < pass.inputGradient().size(); i++) {
                add(
                        pass,
                        i,
                        Math.signum(pass.input(0).getFlat(i))
                                * pass.outputGradient().getFlat(i));
            }
        }
    }

    private static final class Take extends Blind {
        Take() {
            super("take");
        }

        @Override
        public Shape shape(Shape[] inputs) {
            return Shape.of(inputs[1].dim(0), inputs[0].columns());
        }

        @Override
        public boolean takesIntegers(int input) {
            return input == 1;
        }

        @Override
        public Reads backwardReads(int input) {
            return Reads.inputs(1);
        }

        @Override
        public Rows rows(Shape[] inputs, boolean[] rowed) {
            return rowed[0] ? Rows.TOGETHER : Rows.APART;
        }

        @Override
        public void forward(Pass pass) {
            int columns = pass.output().shape().columns();
            for (int i = 0; i < pass.input(1).size(); i++) {
                int row = (int) pass.input(1).getFlat(i);
                pass.output().copyRun(pass.input(0), row * columns, i * columns, columns);
            }
        }

        @Override
        public void backward(Pass pass, int input) {
            int columns = pass.outputGradient().shape().columns();
            for (int i = 0; i < pass.outputGradient().size(); i++) {
                int row = (int) pass.input(1).getFlat(i / columns);
                add(pass, row * columns + i % columns, pass.outputGradient().getFlat(i));
            }
        }
    }

    private static class Pick extends Blind {
        Pick() {
            super("pick");
        }

        @Override
        public Shape shape(Shape[] inputs) {
            return inputs[1];
        }

        @Override
        public boolean takesIntegers(int input) {
            return input == 1;
        }

        @Override
        public Reads backwardReads(int input) {
            return Reads.inputs(1);
        }

        @Override
        public Rows rows(Shape[] inputs, boolean[] rowed) {
            return rowed[0] ? Rows.TOGETHER : Rows.APART;
        }

        @Override
        public void forward(Pass pass) {
            for (int i = 0; i < pass.output().size(); i++) {
                pass.output()
                        .setFlat(i, pass.input(0).getFlat((int) pass.input(1).getFlat(i)));
            }
        }

        @Override
        public void backward(Pass pass, int input) {
            for (int i = 0; i < pass.outputGradient().size(); i++) {
                add(pass, (int) pass.input(1).getFlat(i), pass.outputGradient().getFlat(i));
            }
        }
    }

    private static final class PickRows extends Pick {
        @Override
        public int rowsPickedBy(int input) {
            return 1;
        }
    }

    private static void add(Pass pass, int position, double number) {
        Tensor gradient = pass.inputGradient();
        gradient.setFlat(position, gradient.getFlat(position) + number);
    }
}
