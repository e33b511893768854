"""What happens to models, in order. Rules look at these.

Every event knows its node, the call that made it, the network as it was *before*, the branch decisions on its
path, and (by `after`) which events came before it on some path through here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from peftlint.semantics.records import Adapter, Cache, Config, Network, Pipeline
from peftlint.semantics.state import Decision
from peftlint.semantics.values import Value, parts_of, sources_of

if TYPE_CHECKING:
    import libcst as cst

    from peftlint.semantics.syntax import Syntax


@dataclass(slots=True, eq=False, repr=False)
class Call:
    """A call whose arguments are bound to the parameters of a known function or method.

    `callee`: canonical name, "peft.PeftModel.from_pretrained" or for methods the table's "peft:load_adapter".
    `arguments`: by parameter; `nodes`: the argument nodes by parameter; `unknown`: keywords that are no parameter.
    """

    callee: str
    node: cst.Call
    receiver: Value | None = None
    arguments: dict[str, Value] = field(default_factory=dict)
    nodes: dict[str, cst.Arg] = field(default_factory=dict)
    unknown: dict[str, Value] = field(default_factory=dict)
    extra: tuple[Value, ...] = ()
    #: `*args` or `**kwargs` in the call: what is not listed may still be given
    open: bool = False
    #: the call is a whole statement: nobody looks at its result
    discarded: bool = False
    #: how many arguments come by position, and the names of the others. `node` may be another call that makes this one
    #: (`load("adapters/a")` of a partial, `pool.submit(model.delete_adapter, "a")`), with other arguments
    positional: int = 0
    keywords: tuple[str, ...] = ()
    indirect: bool = False

    @property
    def receiver_node(self) -> cst.BaseExpression | None:
        """`model` of `model.generate(x)`, `self.model` of `self.model(x)`; None where the call does not say it (`answer(x)`)."""
        import libcst as cst

        func, method = self.node.func, self.callee.rpartition(":")[2]
        if not isinstance(func, cst.Attribute):
            return None
        if ":" not in self.callee or func.attr.value == method:
            return func.value
        return func if method == "__call__" else None

    def value(self, name: str) -> Value | None:
        return self.arguments.get(name)


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class Event:
    """Base of all events. `entry`: the function (or "" for module code) that was run from outside."""

    index: int = 0
    node: cst.CSTNode
    syntax: Syntax
    call: Call | None = None
    network: int | None = None
    before: Network | None = None
    handle: int | None = None
    """The heap id of the object that the user named: a Wrapper's, or the network's own."""
    ancestors: int = 0
    guards: tuple[Decision, ...] = ()
    decisions: tuple[Decision, ...] = ()
    sampled: bool = False
    entry: str = ""
    stack: tuple[cst.CSTNode, ...] = ()
    loops: tuple[cst.CSTNode, ...] = ()
    expected_failure: bool = False
    """Inside `with pytest.raises(...)` and the like."""
    handled: tuple[str, ...] = ()
    """Names of the exceptions that an enclosing try catches ("" for a bare except)."""

    def after(self, other: Event) -> bool:
        """True if `other` happened before this event on some path to it."""
        return bool(self.ancestors >> other.index & 1)

    @property
    def raw(self) -> bool:
        """The user named the network itself, not a wrapper around it."""
        return self.handle == self.network


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class ModelCreated(Event):
    """A base model was made or loaded (`AutoModelForCausalLM.from_pretrained(...)`)."""


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class ConfigCreated(Event):
    config: Config
    identity: int


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class Wrapped(Event):
    """A network got a PeftModel around it. `nested`: the argument was itself a wrapper (its heap id).

    `how`: "config" (get_peft_model, PeftModel(...)), "checkpoint" (from_pretrained), "inject".
    """

    how: str
    wrapper: int | None = None
    nested: int | None = None
    config: Config | None = None
    config_id: int | None = None
    path: Value | None = None
    adapter: Adapter | None = None


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class AdapterAdded(Event):
    """add_adapter with a config. `api`: "peft", "transformers", "diffusers" or None (receiver unknown)."""

    api: str | None
    adapter: Adapter | None = None
    config: Config | None = None
    config_id: int | None = None
    config_value: Value | None = None
    activates: bool = False


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class AdapterLoaded(Event):
    """load_adapter. `replaced`: an adapter of that name was there."""

    api: str | None
    adapter: Adapter | None = None
    replaced: Adapter | None = None
    path: Value | None = None
    activates: bool | None = False
    trainable: Value | None = None


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class AdaptersCombined(Event):
    """add_weighted_adapter."""

    adapter: Adapter | None = None
    of: Value | None = None


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class AdapterActivated(Event):
    """set_adapter. `names` None: not known which. `layers_only`: on base_model (no check of the name)."""

    names: tuple[Value, ...] | None
    api: str | None = None


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class AdapterDeleted(Event):
    names: tuple[Value, ...] | None


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class AdapterNamed(Event):
    """Another call that names adapters: adapter_names=, selected_adapters=, merge_adapter([...])."""

    names: tuple[Value, ...]
    parameter: str


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class AdaptersDisabled(Event):
    """`scope`: "context" (entered with-block), "persistent", or "unentered" (a context manager never entered)."""

    scope: str


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class AdaptersEnabled(Event):
    pass


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class Merged(Event):
    """`how`: "unload" (merge_and_unload), "discard" (unload), "in place" (merge_adapter)."""

    how: str
    wrapper: int | None = None


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class Unmerged(Event):
    pass


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class Used(Event):
    """A forward pass, generate(), or a method that must run the model. `how`: "forward", "generate", "method"."""

    how: str
    cache: Cache | None = None
    cache_id: int | None = None
    cache_node: cst.CSTNode | None = None
    inference: bool | None = None
    output: int | None = None


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class Trained(Event):
    """A training sink: Trainer.train(), loss.backward(), optimizer.step(). `network` None: not known what."""

    how: str
    trainer: int | None = None
    alone: bool = True
    """No other model takes part in the loss: this one must be what is trained."""
    uses: tuple[Event, ...] = ()
    """The forward passes with gradients that a loss is made from (of "backward")."""


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class LossHandedOut(Event):
    """A function that is called from outside gives a loss: it goes backward there. `uses`: the passes that it is made of."""

    uses: tuple[Event, ...] = ()


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class OptimizerBuilt(Event):
    identity: int = 0


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class TrainerBuilt(Event):
    """A trainer was constructed around the network; `model` is the value given."""

    identity: int = 0
    class_name: str = ""
    model: Value | None = None
    peft_config: Value | None = None
    wrapped: bool | None = False
    #: of the adapter that the trainer itself adds to the network
    config: Config | None = None
    config_id: int | None = None


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class Saved(Event):
    """save_pretrained / push_to_hub / torch.save. `through`: "peft", "network", "base_model", "state_dict"."""

    how: str
    through: str
    path: Value | None = None
    spent: Event | None = None
    """The merge that emptied the wrapper that is saved."""


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class StateDictTaken(Event):
    identity: int = 0
    origin: str = "model"


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class StateDictUsed(Event):
    identity: int = 0


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class WeightsPatched(Event):
    """set_peft_model_state_dict / load_state_dict / writing to parameters: the adapters' weights come from elsewhere."""

    how: str
    strict: Value | None = None
    origin: str = "unknown"
    path: Value | None = None


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class FileRead(Event):
    """Weights read from a file that lies below a known path (torch.load, load_file ...)."""

    path: Value


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class FilesChanged(Event):
    """Files were removed, moved or copied. `paths`: those named; empty if a command did it, which may be about any."""

    paths: tuple[Value, ...] = ()

    def may_touch(self, path: Value | None) -> bool:
        """Is the path, or something below it, among those named?"""
        return (
            not self.paths
            or path is None
            or any(
                parts_of(path) & parts_of(each) or sources_of(path) & sources_of(each) for each in self.paths
            )
        )


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class FolderMade(Event):
    """A folder is made: what was there before was no folder, or may not have been one."""

    path: Value


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class Prepared(Event):
    """A preparation for training: "kbit", "input grads", "checkpointing", "resize", "parallel", "compile"."""

    how: str
    wrapped: bool = False


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class GradientsSet(Event):
    """requires_grad set on all parameters of the model (`filtered` False) or some.

    `of_output`: not on parameters but on something that the model computed (`loss.requires_grad_()`).
    """

    value: bool | None
    filtered: bool
    of_output: bool = False


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class ModeSet(Event):
    """train() / eval()."""

    training: bool | None


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class Compared(Event):
    """Two results were compared. `left` and `right`: the values; `how`: "equality", "allclose", "in", "difference",
    or "perhaps": given together to a function that is not known.
    """

    left: Value
    right: Value
    how: str
    expects_equal: bool | None = None


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class AttributeAssigned(Event):
    """`model.attribute = value` on a model."""

    attribute: str
    value: Value
    value_node: cst.BaseExpression


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class AttributeRead(Event):
    """`model.attribute` of a model, not called there: only attributes that rules ask about."""

    attribute: str


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class ResultAssigned(Event):
    """`x = call(...)` of a call that has effects; `target` is the text of the target."""

    target: str
    made: Event
    result: Value


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class HandedOut(Event):
    """A model was returned, stored or re-bound: `target` says under which text; `how`: "return", "assign"."""

    how: str
    target: str
    value: Value
    replaced: int | None = None
    """The heap id of the model that the target held before."""


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class Escaped(Event):
    """A model was given to a function that is not known: its state is uncertain from here on."""

    arguments: tuple[Value, ...] = ()
    inside: bool = False
    """The function is one of the program that was not followed, not code from elsewhere."""


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class Touched(Event):
    """Something unknown happens to an object that only an adapter's config tells to be a model: see `Core.suspects`."""

    value: Value


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class MethodCalled(Event):
    """Any method call on a value that is a model of a known kind: for rules on signatures."""

    kind: str
    method: str


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class FunctionCalled(Event):
    """A call of a library function or class that the release tables know."""

    callee: str


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class NameImported(Event):
    """`from MODULE import NAME` of a library."""

    name: str
    alias: str


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class NameUsed(Event):
    """`MODULE.NAME` of a library, called or not; `path` is as it is reached ("peft.mapping.get_peft_model")."""

    path: str


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class CacheMade(Event):
    identity: int = 0


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class CacheCleared(Event):
    """`cache.reset()`, `empty_cache()`, a memo's `clear()`/`cache_clear()`. `how` says which."""

    how: str
    identity: int | None = None


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class StatusChecked(Event):
    """get_model_status, get_layer_status, print_trainable_parameters, active_adapters read, logits compared."""

    how: str


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class PipelineLora(Event):
    """A LoRA call on a diffusers pipeline. `how`: "load", "fuse", "unfuse", "unload", "set", "disable", "enable", "delete", "use"."""

    how: str
    names: tuple[Value, ...] | None = None
    identity: int = 0
    pipeline: Pipeline | None = None
    """The pipeline as it was before."""


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class TokensAdded(Event):
    """resize_token_embeddings."""

    reason: str = "resize"


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class ModelDropped(Event):
    """`del name`, or the name was bound to something else."""

    name: str
