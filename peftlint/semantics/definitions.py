"""Classes of the program: their bases, members and fields."""

from __future__ import annotations

import libcst as cst

from peftlint.semantics.objects import SETTINGS_BASES
from peftlint.semantics.paths import Diverges
from peftlint.semantics.statements import Statements
from peftlint.semantics.values import NONE, Class, Function, Library, Value

_RECORD_BASES = ("typing.NamedTuple", "pydantic.BaseModel", "typing.TypedDict", *SETTINGS_BASES)


class Definitions(Statements):
    """Class statements."""

    owners: dict[cst.CSTNode, Class]
    classes: list[Class]
    functions: list[Function]

    def define_class(self, node: cst.ClassDef) -> Class:
        bases = tuple(self.evaluate(base.value) for base in node.bases if not base.star)
        members: dict[str, Value] = {}
        decorators = [self._decorator_name(d.decorator) for d in node.decorators]
        fields: list[str] = []
        inherited = [base.fields for base in bases if isinstance(base, Class)]
        is_record = any(d.rpartition(".")[2] in ("dataclass", "define", "attrs") for d in decorators) or any(
            isinstance(base, Library) and base.name in _RECORD_BASES for base in bases
        )
        for each in inherited:
            fields.extend(name for name in each if name not in fields)
        cls = Class(node.name.value, node, bases, members, self.syntax, ())
        scope = self.new_id()
        self.frame_parents[scope] = self.where.frame
        self.frame_modules[scope] = self.where.module_frame
        for statement in node.body.body:
            self._class_statement(statement, cls, members, fields if is_record else [], scope)
        self.state.drop_frame(scope)
        if is_record or any(inherited):
            cls = Class(cls.name, node, bases, members, self.syntax, tuple(fields))
            for name, member in list(members.items()):
                if isinstance(member, Function):
                    members[name] = Function(
                        member.name,
                        member.node,
                        member.frame,
                        member.syntax,
                        member.defaults,
                        cls,
                        member.decorators,
                    )
                    self.owners[member.node] = cls
        if not any(known.node is node for known in self.classes):
            self.classes.append(cls)
        return cls

    def _class_statement(
        self, statement: cst.CSTNode, cls: Class, members: dict[str, Value], fields: list[str], scope: int
    ) -> None:
        match statement:
            case cst.FunctionDef(name=cst.Name(value=name)):
                made = self.make_function(statement, cls)
                if not (
                    isinstance(made, Function)
                    and any(d.endswith((".setter", ".deleter")) for d in made.decorators)
                ):
                    self._add(members, scope, name, made)
            case cst.SimpleStatementLine(body=small):
                # statements of the class see what it has, its functions do not
                with self.surroundings(frame=scope):
                    for each in small:
                        self._class_assignment(each, members, fields)
            case cst.If(body=body):
                for inner in body.body:
                    self._class_statement(inner, cls, members, fields, scope)

    def _class_assignment(self, node: cst.CSTNode, members: dict[str, Value], fields: list[str]) -> None:
        match node:
            case cst.Assign(targets=targets, value=value):
                names = [t.target.value for t in targets if isinstance(t.target, cst.Name)]
                made = self._quietly(value) if names else NONE
                for name in names:
                    self._add(members, self.where.frame, name, made)
            case cst.Expr(value=cst.NamedExpr(target=cst.Name(value=name), value=value)):
                self._add(members, self.where.frame, name, self._quietly(value))
            case cst.AnnAssign(target=cst.Name(value=name), value=value):
                if name not in fields:
                    fields.append(name)
                if value is not None:
                    self._add(members, self.where.frame, name, self._quietly(value))

    def _add(self, members: dict[str, Value], scope: int, name: str, value: Value) -> None:
        members[name] = value
        self.state.bind(scope, name, value)

    def _quietly(self, node: cst.BaseExpression) -> Value:
        try:
            return self.evaluate(node)
        except Diverges:
            return self.fresh("class attribute")
