"""The small faults that scripts/mutate.py puts into a module: each way in which one node of its syntax tree can be wrong."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A module, the functions in it that count (all, if none is named), and the tests that must notice: the quick ones first,
    each next group only where those before let the mutant live."""

    module: str
    killers: tuple[tuple[str, ...], ...]
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.module.rpartition(".")[2]

    @property
    def path(self) -> Path:
        return ROOT / (self.module.replace(".", "/") + ".py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """`before` and `after`: the changed piece of code as text. `number`: which of its module's mutants."""

    target: Target
    number: int
    line: int
    kind: str
    before: str
    after: str

    def __str__(self) -> str:
        place = self.target.path.relative_to(ROOT)
        return f"{place}:{self.line}: {self.kind}: {self.before}  ->  {self.after}"

    def tree(self) -> ast.Module:
        """The whole module with the fault in it."""
        tree = ast.parse(self.target.path.read_text(encoding="utf-8"))
        place, _, instead = next(itertools.islice(_faults_in(tree, self.target), self.number, None))
        if place.index is None:
            setattr(place.parent, place.field, instead)
        else:
            getattr(place.parent, place.field)[place.index] = instead
        return ast.fix_missing_locations(tree)


# the faults

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
Fault = tuple[str, ast.AST]


def faults_of(node: ast.AST) -> Iterator[Fault]:
    """Each way in which this one node can be wrong, as (kind, what stands there instead)."""
    match node:
        case ast.Compare(left=left, ops=[op, *others], comparators=found) if type(op) in _COMPARISONS:
            yield "comparison", ast.Compare(left=left, ops=[_COMPARISONS[type(op)](), *others], comparators=found)
        case ast.BoolOp(op=op, values=values):
            yield "boolean", ast.BoolOp(op=ast.Or() if isinstance(op, ast.And) else ast.And(), values=values)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield "negation", operand
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            yield "arithmetic", ast.BinOp(left=left, op=_ARITHMETIC[type(op)](), right=right)
        case ast.AugAssign(target=name, op=op, value=value) if type(op) in _ARITHMETIC:
            yield "arithmetic", ast.AugAssign(target=name, op=_ARITHMETIC[type(op)](), value=value)
        case ast.Constant(value=bool(value)):
            yield "constant", ast.Constant(value=not value)
        case ast.Constant(value=int(value) | float(value)):
            yield "constant", ast.Constant(value=value + 1)
        case ast.Constant(value=str(value)):
            yield "constant", ast.Constant(value="mutant" if not value else "")
        case ast.Return(value=value) if value is not None and not _is_none(value):
            yield "return value", ast.Return(value=ast.Constant(value=None))
        case ast.If(test=test, body=body, orelse=orelse) if not _is_turned_round_anyway(test):
            yield "condition", ast.If(test=_not(test), body=body, orelse=orelse)
        case ast.IfExp(test=test, body=yes, orelse=no) if not _is_turned_round_anyway(test):
            yield "condition", ast.IfExp(test=_not(test), body=yes, orelse=no)
        case ast.comprehension(target=name, iter=source, ifs=[first, *more], is_async=is_async) if not _is_turned_round_anyway(
            first
        ):
            yield "condition", ast.comprehension(target=name, iter=source, ifs=[_not(first), *more], is_async=is_async)
        case ast.Call(func=func, args=[first, second, *more], keywords=keywords) if not any(
            isinstance(each, ast.Starred) for each in (first, second)
        ):
            yield "swapped arguments", ast.Call(func=func, args=[second, first, *more], keywords=keywords)
    if isinstance(node, ast.Expr | ast.Assign | ast.AugAssign | ast.Raise | ast.Break | ast.Continue):
        yield "removed statement", ast.Pass()


def _is_turned_round_anyway(test: ast.expr) -> bool:
    """True where another fault, in the condition itself, is the same as its opposite."""
    match test:
        case ast.UnaryOp(op=ast.Not()):
            return True
        case ast.Compare(ops=[ast.Eq() | ast.NotEq() | ast.Is() | ast.IsNot() | ast.In() | ast.NotIn()]):
            return True
    return False


def _not(test: ast.expr) -> ast.expr:
    return ast.UnaryOp(op=ast.Not(), operand=test)


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


@dataclass(slots=True)
class _Place:
    """Where a node hangs in the tree: its parent's field, and the place in a list of several."""

    parent: ast.AST
    field: str
    index: int | None
    node: ast.AST


_UNSEEN = {"annotation", "returns", "decorator_list", "bases", "ctx", "type_ignores"}


def _places(node: ast.AST) -> Iterator[_Place]:
    """All nodes that a fault may sit in: neither annotations, docstrings, imports, log lines nor f-strings."""
    for name, value in ast.iter_fields(node):
        if name in _UNSEEN:
            continue
        for index, each in enumerate(value if isinstance(value, list) else [value]):
            if not isinstance(each, ast.AST) or _is_silent(each):
                continue
            yield _Place(node, name, index if isinstance(value, list) else None, each)
            yield from _places(each)


def _is_silent(node: ast.AST) -> bool:
    match node:
        case ast.Expr(value=ast.Constant()) | ast.Import() | ast.ImportFrom() | ast.JoinedStr():
            return True
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id="log")))):
            return True
        case ast.Assign(targets=[ast.Name(id="log")]):
            return True
    return False


def _wanted(tree: ast.Module, target: Target) -> Iterator[ast.AST]:
    """The functions and classes that count, whole; what stands beside them in the module too, where no choice is made."""
    if not target.only:
        yield from (each for each in tree.body if getattr(each, "name", "") not in target.without and not _is_silent(each))
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name in target.only:
            yield node


def mutants_of(target: Target) -> list[Mutant]:
    tree = ast.parse(target.path.read_text(encoding="utf-8"))
    return [
        Mutant(
            target=target,
            number=number,
            line=getattr(place.node, "lineno", getattr(place.parent, "lineno", 0)),
            kind=kind,
            before=_text(place.node),
            after=_text(instead),
        )
        for number, (place, kind, instead) in enumerate(_faults_in(tree, target))
    ]


def _faults_in(tree: ast.Module, target: Target) -> Iterator[tuple[_Place, str, ast.AST]]:
    for root in _wanted(tree, target):
        here = [_Place(tree, "body", tree.body.index(root), root)] if isinstance(root, ast.Assign) else []
        for place in (*here, *_places(root)):
            for kind, instead in faults_of(place.node):
                yield place, kind, instead


def _text(node: ast.AST) -> str:
    shown = ast.unparse(node) if not isinstance(node, ast.comprehension) else ast.unparse(ast.GeneratorExp(ast.Name("_"), [node]))
    return shown.splitlines()[0][:110]
