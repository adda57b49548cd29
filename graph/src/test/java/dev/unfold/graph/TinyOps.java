package dev.unfold.graph;

/** A few operations for tests of the engine, which has none of its own. */
public final class TinyOps {
    /** a b, element by element. */
    public static final Op TIMES = new Times();

    /** The sum of all elements. */
    public static final Op TOTAL = new Total();

    /** x^2, with 2 x kept in the saved numbers. */
    public static final Op SQUARE = new Square();

    /** |x|. */
    public static final Op ABS = new Abs();

    /** The numbers at int32 positions. */
    public static final Op PICK = new Pick();

    private TinyOps() {}

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

    private static final class Square extends Blind {
        Square() {
            super("square");
        }

        @Override
        public int saved(Shape[] inputs) {
            return inputs[0].size();
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

    private static final class Pick extends Blind {
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

    private static void add(Pass pass, int position, double number) {
        Tensor gradient = pass.inputGradient();
        gradient.setFlat(position, gradient.getFlat(position) + number);
    }
}
