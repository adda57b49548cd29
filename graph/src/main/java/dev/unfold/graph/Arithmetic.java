package dev.unfold.graph;

/**
 * The arithmetic behind {@link Node#plus} and its like. The engine knows no operation, so the {@code ops} module
 * provides this as a service.
 */
public interface Arithmetic {
    /** Records {@code a + b}. */
    Node plus(Operand a, Operand b);

    /** Records {@code a - b}. */
    Node minus(Operand a, Operand b);

    /** Records {@code a * b}, element by element. */
    Node times(Operand a, Operand b);

    /** Records {@code a / b}, element by element. */
    Node dividedBy(Operand a, Operand b);

    /** Records {@code a + number}. */
    Node plus(Operand a, double number);

    /** Records {@code a * factor}. */
    Node times(Operand a, double factor);
}
