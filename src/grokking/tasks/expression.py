"""Polynomials and quotients modulo p, such as `n^2 + n*m` or `n/m`, evaluated without `eval`."""

import ast
import math
import operator
from collections.abc import Callable, Sequence

import numpy as np

LONGEST = 100  # characters
LARGEST_POWER = 1000
OPERATORS: dict[type[ast.operator], Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
}


def evaluate(text: str, p: int, variables: Sequence[str], division: bool = False) -> np.ndarray:
    """The values modulo p of an expression in one or two `variables`, each from 0 to p - 1.

    Returns int64 [p], or [p, p] with the first variable down and the second across. Sums,
    differences, products and whole powers are allowed, with `division` quotients too, -1 where a
    divisor has no inverse. Every operation is reduced modulo p, so that nothing overflows. Raises
    `ValueError` for anything else.

    `evaluate("n/m", 5, ("n", "m"), division=True)[3]` is `[-1, 3, 4, 1, 2]`.
    """
    if len(text) > LONGEST:
        raise ValueError(f"{text!r} is longer than {LONGEST} characters")
    signs = "+ - * /" if division else "+ - *"
    allowed = f"allowed: {', '.join(variables)}, whole numbers, {signs} ( ) and powers such as {variables[0]}^2"
    try:
        tree = ast.parse(text.replace("^", "**").strip(), mode="eval").body
    except (SyntaxError, ValueError):
        raise ValueError(f"{text!r} is not a polynomial; {allowed}") from None
    grids = np.meshgrid(*[np.arange(p)] * len(variables), indexing="ij")
    values = dict(zip(variables, grids, strict=True))
    undefined = np.zeros(grids[0].shape, dtype=bool)

    def value(node: ast.expr) -> np.ndarray:
        match node:
            case ast.Name(id=name) if name in values:
                return values[name]
            case ast.Constant(value=int(number)) if not isinstance(number, bool):
                return np.full_like(grids[0], number % p)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -value(operand) % p
            case ast.BinOp(left=base, op=ast.Pow(), right=ast.Constant(value=int(exponent))) if (
                0 <= exponent <= LARGEST_POWER
            ):
                return power(value(base), exponent, p)
            case ast.BinOp(left=left, op=ast.Div(), right=right) if division:
                inverse = inverses(p)[value(right)]
                undefined[inverse < 0] = True
                return value(left) * inverse % p
            case ast.BinOp(left=left, op=kind, right=right) if type(kind) in OPERATORS:
                return OPERATORS[type(kind)](value(left), value(right)) % p
        raise ValueError(f"{ast.unparse(node)!r} in {text!r} is not allowed; {allowed}")

    results = value(tree)
    results[undefined] = -1
    return results


def inverses(p: int) -> np.ndarray:
    """1 / x mod p for x = 0, …, p - 1, int64 [p]; -1 where x has no inverse."""
    return np.array([pow(x, -1, p) if math.gcd(x, p) == 1 else -1 for x in range(p)])


def power(base: np.ndarray, exponent: int, p: int) -> np.ndarray:
    """base^exponent mod p by repeated squaring; 0^0 = 1."""
    result = np.ones_like(base) % p
    while exponent:
        if exponent % 2:
            result = result * base % p
        base = base * base % p
        exponent //= 2
    return result
