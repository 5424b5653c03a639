"""Polynomials modulo p, written as one writes them: `n^2 + n*m`. Parsed and evaluated here, never by `eval`."""

import ast
import operator
from collections.abc import Callable, Mapping

from torch import Tensor

LONGEST = 100  # characters
LARGEST_POWER = 1000
OPERATORS: dict[type[ast.operator], Callable[[Tensor, Tensor], Tensor]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
}


def evaluate(text: str, p: int, variables: Mapping[str, Tensor]) -> Tensor:
    """The value modulo p, in 0 … p-1, of an expression in the `variables` (int64 tensors, broadcast together).

    Reduced after every operation, so that nothing overflows. Raises `ValueError` for anything but sums, differences,
    products and whole powers of the variables and of whole numbers.
    """
    if len(text) > LONGEST:
        raise ValueError(f"longer than {LONGEST} characters")
    try:
        tree = ast.parse(text.replace("^", "**"), mode="eval").body
    except SyntaxError:
        raise ValueError(f"{text!r} is no expression") from None
    one = next(iter(variables.values())).new_tensor(1)

    def value(node: ast.expr) -> Tensor:
        match node:
            case ast.Name(id=name) if name in variables:
                return variables[name] % p
            case ast.Constant(value=int(number)) if not isinstance(number, bool):
                return one * (number % p)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -value(operand) % p
            case ast.BinOp(left=base, op=ast.Pow(), right=ast.Constant(value=int(exponent))) if (
                0 <= exponent <= LARGEST_POWER
            ):
                return power(value(base), exponent, p)
            case ast.BinOp(left=left, op=kind, right=right) if type(kind) in OPERATORS:
                return OPERATORS[type(kind)](value(left), value(right)) % p
        raise ValueError(f"{ast.unparse(node)!r} in {text!r} is not allowed")

    return value(tree)


def power(base: Tensor, exponent: int, p: int) -> Tensor:
    """base^exponent mod p by repeated squaring; 0^0 = 1."""
    result = base.new_ones(base.shape) % p
    while exponent:
        if exponent % 2:
            result = result * base % p
        base = base * base % p
        exponent //= 2
    return result
