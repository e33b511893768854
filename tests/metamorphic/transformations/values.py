"""The same values handed on in other ways: annotations, keywords, second names, parentheses."""

from __future__ import annotations

import libcst as cst

from tests.metamorphic.subjects import Variant
from tests.metamorphic.transformations.reading import bound, dotted, has, is_future, line, local_name, walk
from tests.metamorphic.transformations.registry import transformation

#: parameters of functions whose first arguments people give either way (signatures of peft 0.18, transformers 4.57)
FUNCTIONS = {
    "get_peft_model": ("model", "peft_config"),
    "inject_adapter_in_model": ("peft_config", "model"),
    "prepare_model_for_kbit_training": ("model",),
    "set_peft_model_state_dict": ("model", "peft_model_state_dict"),
    "get_peft_model_state_dict": ("model",),
}
METHODS = {
    "PeftModel.from_pretrained": ("model", "model_id", "adapter_name"),
    "PeftConfig.from_pretrained": ("pretrained_model_name_or_path",),
    "LoraConfig.from_pretrained": ("pretrained_model_name_or_path",),
    "AutoModelForCausalLM.from_pretrained": ("pretrained_model_name_or_path",),
}
#: methods that name their parameters alike on every model that has them
ANY_RECEIVER = {"save_pretrained": ("save_directory",), "set_adapter": ("adapter_name",)}


def _annotated(module: cst.Module, annotation: str) -> Variant | None:
    """Every first assignment to a variable, and every parameter, with an annotation."""
    if has(module, cst.Global, cst.Nonlocal):
        return None

    class Annotator(cst.CSTTransformer):
        count = 0

        def leave_Assign(self, original_node: cst.Assign, updated_node: cst.Assign) -> cst.BaseSmallStatement:
            target = updated_node.targets[0].target
            if len(updated_node.targets) != 1 or not isinstance(target, cst.Name):
                return updated_node
            self.count += 1
            made = cst.parse_statement(f"x: {annotation} = 1")
            assert isinstance(made, cst.SimpleStatementLine)
            return made.body[0].with_changes(target=target, value=updated_node.value)

        def leave_Param(self, original_node: cst.Param, updated_node: cst.Param) -> cst.Param:
            if updated_node.annotation is not None or updated_node.name.value in ("self", "cls"):
                return updated_node
            return updated_node.with_changes(annotation=cst.Annotation(cst.parse_expression(annotation)))

        def visit_Lambda(self, node: cst.Lambda) -> bool:
            return False

        def visit_ClassDef_bases(self, node: cst.ClassDef) -> None:
            return None

        def visit_ClassDef(self, node: cst.ClassDef) -> bool:
            return not node.decorators and not node.bases

    changed = module.visit(Annotator())
    if changed.code == module.code:
        return None
    start = 0
    while start < len(module.body) and (
        is_future(module.body[start]) or (start == 0 and _is_docstring(module))
    ):
        start += 1
    body = [*changed.body[:start], line("import typing"), *changed.body[start:]]
    return Variant.of(changed.with_changes(body=body))


def _is_docstring(module: cst.Module) -> bool:
    return module.get_docstring() is not None


@transformation("annotated with Any")
def annotated_any(module: cst.Module) -> Variant | None:
    return _annotated(module, "typing.Any")


@transformation("annotated with a quoted union")
def annotated_quoted(module: cst.Module) -> Variant | None:
    return _annotated(module, '"object | None"')


@transformation("keywords for positional arguments")
def keywords(module: cst.Module) -> Variant | None:
    own = {
        node.name.value: node
        for node in module.body
        if isinstance(node, cst.FunctionDef) and not node.decorators
    }
    rebound = bound(module.body)
    own = {n: f for n, f in own.items() if n not in rebound.plain | rebound.imported}
    imported = {
        local_name(a)
        for node in walk(module)
        if isinstance(node, cst.ImportFrom) and not isinstance(node.names, cst.ImportStar)
        for a in node.names
    }

    class Namer(cst.CSTTransformer):
        count = 0

        def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
            func = dotted(original_node.func)
            names: tuple[str, ...] = ()
            if func in own:
                parameters = own[func].params
                if not parameters.posonly_params and not isinstance(parameters.star_arg, cst.Param):
                    names = tuple(p.name.value for p in parameters.params)
            elif func in imported:
                names = FUNCTIONS.get(func, ())
            elif func.partition(".")[0] in imported:
                names = METHODS.get(func, ())
            elif isinstance(original_node.func, cst.Attribute):
                names = ANY_RECEIVER.get(original_node.func.attr.value, ())
            positional = [a for a in updated_node.args if a.keyword is None]
            if any(a.star for a in updated_node.args) or not positional or len(positional) > len(names):
                return updated_node
            self.count += 1
            equal = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
            args = [
                arg.with_changes(keyword=cst.Name(names[index]), equal=equal) if arg.keyword is None else arg
                for index, arg in enumerate(updated_node.args)
            ]
            return updated_node.with_changes(args=args)

    namer = Namer()
    changed = module.visit(namer)
    return Variant.of(changed) if namer.count else None


class _Values(cst.CSTTransformer):
    """Rewrites the values of plain assignments to one variable."""

    count = 0

    def changed(self, name: str, value: cst.BaseExpression) -> cst.BaseExpression:
        raise NotImplementedError

    def visit_ClassDef(self, node: cst.ClassDef) -> bool:
        return not node.bases

    def leave_Assign(self, original_node: cst.Assign, updated_node: cst.Assign) -> cst.Assign:
        target = updated_node.targets[0].target
        if (
            len(updated_node.targets) != 1
            or not isinstance(target, cst.Name)
            or target.value.startswith("__")
        ):
            return updated_node
        self.count += 1
        return updated_node.with_changes(value=self.changed(target.value, updated_node.value))


def _parenthesised(value: cst.BaseExpression) -> cst.BaseExpression:
    return value.with_changes(lpar=[cst.LeftParen(), *value.lpar], rpar=[*value.rpar, cst.RightParen()])


@transformation("values in parentheses")
def parentheses(module: cst.Module) -> Variant | None:
    class Values(_Values):
        def changed(self, name: str, value: cst.BaseExpression) -> cst.BaseExpression:
            return _parenthesised(value)

    values = Values()
    changed = module.visit(values)
    return Variant.of(changed) if values.count else None


@transformation("values through a tuple")
def through_tuple(module: cst.Module) -> Variant | None:
    """`x = VALUE` becomes `x = (VALUE, 0)[0]`."""

    class Values(_Values):
        def changed(self, name: str, value: cst.BaseExpression) -> cst.BaseExpression:
            return cst.Subscript(
                cst.Tuple(
                    [cst.Element(_parenthesised(value)), cst.Element(cst.Integer("0"))],
                    lpar=[cst.LeftParen()],
                    rpar=[cst.RightParen()],
                ),
                [cst.SubscriptElement(cst.Index(cst.Integer("0")))],
            )

    values = Values()
    changed = module.visit(values)
    return Variant.of(changed) if values.count else None


def _second(name: str, change: str) -> None:
    """`x = VALUE` is followed or replaced by other statements that leave x as it was."""

    def apply(module: cst.Module) -> Variant | None:
        class Lines(cst.CSTTransformer):
            count = 0

            def visit_ClassDef(self, node: cst.ClassDef) -> bool:
                return not node.bases

            def leave_SimpleStatementLine(
                self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
            ) -> cst.FlattenSentinel[cst.BaseStatement] | cst.SimpleStatementLine:
                small = updated_node.body[0]
                if (
                    len(updated_node.body) != 1
                    or not isinstance(small, cst.Assign)
                    or len(small.targets) != 1
                    or not isinstance(small.targets[0].target, cst.Name)
                    or isinstance(small.value, cst.Yield)
                ):
                    return updated_node
                variable = small.targets[0].target.value
                self.count += 1
                if change == "chain":
                    target = small.targets[0].with_changes(target=cst.Name(f"_also_{variable}"))
                    return updated_node.with_changes(
                        body=[small.with_changes(targets=[target, *small.targets])]
                    )
                if change == "walrus":
                    value = (
                        small.value
                        if not isinstance(small.value, cst.Tuple) or small.value.lpar
                        else _parenthesised(small.value)
                    )
                    walrus = cst.NamedExpr(
                        cst.Name(variable), value, lpar=[cst.LeftParen()], rpar=[cst.RightParen()]
                    )
                    return updated_node.with_changes(body=[cst.Expr(walrus)])
                first = small.with_changes(
                    targets=[small.targets[0].with_changes(target=cst.Name(f"_first_{variable}"))]
                )
                return cst.FlattenSentinel(
                    [updated_node.with_changes(body=[first]), line(f"{variable} = _first_{variable}")]
                )

        lines = Lines()
        changed = module.visit(lines)
        return Variant.of(changed) if lines.count else None

    transformation(name)(apply)


_second("assigned to two names at once", "chain")
_second("assigned by walrus", "walrus")
_second("through a second name", "copy")
