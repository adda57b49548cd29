package dev.unfold.graph;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Gives back, on a tape, what the operations of finished steps need no more: at the end of a step the values that no backward reads, in
 * backward all else behind the last who reads it. The results of a step keep their values until the reset.
 */
final class StepReleases {
    /** In place of a step. */
    static final int BACKWARD = -1;

    private static final int FIRST_CAPACITY = 64;

    private final Graph graph;
    private final Memory memory;
    /** The nodes that finished steps begin with, and those behind them; ascending, but steps may lie in each other. */
    private int[] begins = new int[FIRST_CAPACITY];

    private int[] ends = new int[FIRST_CAPACITY];
    private int count;
    /** The last of the steps that backward has not come to the beginning of. */
    private int under;
    /** How many steps have been looked at. */
    private int looked;
    /** Whether a step, a view or a loop uses what a step before has computed that is no result, as a cell may that keeps a node. */
    private boolean captures;

    /** What a node is to the step that recorded it. */
    enum Role {
        /** Not an operation of a finished step: it keeps what it has until the reset. */
        OUTSIDE,
        /** An operation whose value nobody asks for behind the step. */
        INNER,
        /** An operation whose value may be asked for. */
        RESULT
    }

    StepReleases(Graph graph, Memory memory) {
        this.graph = graph;
        this.memory = memory;
    }

    /** The node whose memory a value lies in. */
    static Node owner(Node node) {
        return node.stage instanceof View view ? view.base() : node;
    }

    /** Ends the step whose nodes are those from a first one on, of which some are its results. */
    void end(int first, List<Node> results) {
        for (int i = 0; i < results.size(); i++) {
            Node owner = owner(results.get(i));
            if (owner.id >= first) {
                owner.role = Role.RESULT;
            }
        }
        int size = graph.size();
        int step = count + 1;
        for (int id = first; id < size; id++) {
            Node node = graph.node(id);
            if (node.stage instanceof Run run) {
                run.eachInput(input -> keepValue(input, first));
            }
            for (int i = 0; i < node.inputs.length; i++) {
                Node owner = owner(node.inputs[i]);
                captures |= owner.role == Role.INNER && owner.id < first;
                if (node.needsGradient && StepRecord.passesBack(node, i)) {
                    hold(node, i, step);
                }
            }
        }
        for (int id = first; id < size; id++) {
            Node node = graph.node(id);
            if (node.op != null && node.role == Role.OUTSIDE) {
                node.role = Role.INNER;
                if (node.valueHeldBy != step) {
                    releaseValue(node);
                }
            }
        }
        note(first, size);
    }

    /** Lets a value of the step that begins with a node stay, since a loop goes over it. */
    private static void keepValue(Node node, int first) {
        Node owner = owner(node);
        if (owner.id >= first) {
            owner.role = Role.RESULT;
        }
    }

    /** Lets a result keep its gradient as well, until the reset. */
    static void keep(Node node) {
        owner(node).role = Role.OUTSIDE;
        node.role = Role.OUTSIDE;
    }

    /** Notes that what has just been recorded may look at values where they lie, in a finished step. */
    void recorded(Stage stage) {
        if (stage instanceof View view) {
            capture(view.base());
        } else if (stage instanceof Run run) {
            run.eachInput(this::capture);
        }
    }

    private void capture(Node input) {
        captures |= owner(input).role == Role.INNER;
    }

    private void note(int first, int end) {
        if (count == begins.length) {
            begins = Arrays.copyOf(begins, 2 * count);
            ends = Arrays.copyOf(ends, 2 * count);
        }
        begins[count] = first;
        ends[count] = end;
        count++;
    }

    /** Marks the values that backward of an operation with respect to an input reads. */
    private static void hold(Node node, int input, int by) {
        Reads reads = Objects.requireNonNull(node.op).backwardReads(input);
        for (int i = 0; i < node.inputs.length; i++) {
            if (reads.input(i)) {
                owner(node.inputs[i]).valueHeldBy = by;
            }
        }
        if (reads.output() || node.saved != null) {
            node.valueHeldBy = by;
        }
    }

    /** Notes that an operation is still to contribute to the gradient of a parameter. */
    void pending(Node node, int input) {
        if (count > 0) {
            hold(node, input, BACKWARD);
            node.gradientHeld = true;
        }
    }

    /** Says that backward begins. */
    void beginBackward() {
        under = count - 1;
    }

    /** Whether a finished step begins with a node; to be asked in backward, of one node after the other. */
    boolean begins(int id) {
        while (under >= 0 && begins[under] > id) {
            under--;
        }
        return under >= 0 && begins[under] == id;
    }

    /** Says that backward has passed a node, and so all that use it. */
    void passed(Node node) {
        // The gradient of what comes out of a loop is the loop's.
        if (node.role != Role.OUTSIDE && node.op != null) {
            if (!node.gradientHeld) {
                releaseGradient(node);
            }
            if (node.role == Role.INNER && node.valueHeldBy != BACKWARD) {
                releaseValue(node);
            }
        }
    }

    /** Says that uses of parameters have contributed, while backward has passed all nodes from a first one on. */
    void contributed(ParameterUses uses, int first) {
        for (int use = 0; count > 0 && use < uses.size(); use++) {
            Node node = uses.node(use);
            node.gradientHeld = false;
            letGo(node, first);
            for (int i = 0; i < node.inputs.length; i++) {
                letGo(owner(node.inputs[i]), first);
            }
        }
    }

    private void letGo(Node node, int first) {
        node.valueHeldBy = 0;
        if (node.id >= first) {
            passed(node);
        }
    }

    private void releaseValue(Node node) {
        memory.release(node.value);
        if (node.saved != null) {
            memory.release(node.saved);
        }
        node.released = true;
    }

    private void releaseGradient(Node node) {
        if (node.gradient != null) {
            memory.releaseGradient(node.gradient);
            node.gradient = null;
        }
    }

    /** Whether the gradient of a node has come and is there no more. */
    static boolean isGradientReleased(Node node) {
        return node.role != Role.OUTSIDE && node.reached && node.gradient == null;
    }

    /**
     * Computes the value of a node once more where it has been given back. Nodes are looked at in the order of recording, those that
     * it is computed from before it; it stays until its step has been looked at.
     */
    void lookAt(Node node) {
        forgetBefore(node.id);
        if (node.released) {
            memory.lay(node.value);
            if (node.saved != null) {
                memory.lay(node.saved);
            }
        }
        if (node.released || owner(node).released) {
            graph.run(node);
        }
    }

    /** Gives back what has been computed to be looked at. */
    void endLooking() {
        forgetBefore(graph.size());
        looked = 0;
    }

    private void forgetBefore(int id) {
        // What is captured is needed to the end.
        int last = captures ? graph.size() : 0;
        for (; looked < count && Math.max(last, ends[looked]) <= id; looked++) {
            for (int each = begins[looked]; each < ends[looked]; each++) {
                if (graph.node(each).released) {
                    releaseValue(graph.node(each));
                }
            }
        }
    }

    /** Forgets all steps. */
    void clear() {
        count = 0;
        captures = false;
    }
}
