"""What the check of a model in memory can say."""

from __future__ import annotations

from peftlint.runtime.codes import error, info, warning

NO_EFFECT = error(
    "PEFT610",
    "live-adapter-without-effect",
    "load the trained weights (`load_adapter(DIR, name)`), or train it",
    "With this adapter active the logits of the probe equal those of the model with adapters disabled. The "
    "adapter is "
    "untrained, its weights were not loaded (keys did not match), or its layers are not used by the model.",
)
IDENTICAL = warning(
    "PEFT611",
    "live-adapters-identical",
    "check which folder each adapter was loaded from",
    "Two adapters give the same logits on the probe, and neither is without effect. The same weights were "
    "loaded under two names, or "
    "setting one adapter does not really activate it.",
)
SWITCH = error(
    "PEFT612",
    "live-switch-not-reversible",
    "look for state that is kept between calls: a KV cache, merged weights, modules that set_adapter does "
    "not reach",
    "Activating A, then B, then A again does not give the first logits again. Something other than the "
    "active adapter "
    "changed: weights were merged and not restored, a cache was kept, or set_adapter does not reach every "
    "layer.",
)
NOT_BASE = error(
    "PEFT613",
    "live-disabled-is-not-base",
    "do not use `disable_adapter()` as the reference with this adapter; keep a second, unwrapped model",
    "With adapters disabled the logits differ from those of the untouched base model that was given for "
    "comparison. "
    "The adapter trains biases or changes base weights on initialisation (PiSSA, OLoRA ...), or an adapter "
    "is still merged.",
)
MERGE = error(
    "PEFT614",
    "live-merge-changes-output",
    "do not merge this adapter, or merge in float32",
    "Merging the adapter into the base weights changes the logits beyond the tolerance of the type. Known "
    "causes: "
    "tied embeddings that are targeted, a base in 8 or 4 bit, magnitudes too large for half precision.",
)
UNMERGE = error(
    "PEFT615",
    "live-unmerge-not-exact",
    "reload the base instead of unmerging",
    "After merging and unmerging, the logits differ from those before beyond the tolerance of the type.",
)
ACTIVE_IRREGULAR = error(
    "PEFT617",
    "live-active-adapters-disagree",
    "call `set_adapter(name)` on the model itself, not on single layers",
    "The layers do not agree on the active adapter (`get_model_status().active_adapters == 'irregular'`). "
    "Layers that "
    "have none of the active adapters are not counted, and neither are modules_to_save of one adapter only.",
)
MERGED = error(
    "PEFT618",
    "live-merged-adapters-stay",
    "unmerge first: `unmerge_adapter()`, for a diffusers pipeline `unfuse_lora()`",
    "Adapters are merged into the base weights that are not the active ones, or only some layers are merged. "
    "The "
    "merged adapter keeps its effect whatever is activated (diffusers: `fuse_lora()` and then "
    "`set_adapters`).",
)
DISABLED = error(
    "PEFT619",
    "live-adapters-disabled",
    "enable them: `enable_adapters()`, `base_model.enable_adapter_layers()` or `pipe.enable_lora()`",
    "Adapter layers are disabled, all or some of them, so the model answers (partly) as the base model; "
    "set_adapter and "
    "load_adapter do not enable them. transformers' `disable_adapters()` and `enable_adapters()` leave "
    "modules_to_save disabled.",
)
TRAINABLE_IRREGULAR = warning(
    "PEFT620",
    "live-requires-grad-disagrees",
    "set requires_grad through `set_adapter` or `set_requires_grad`, not parameter by parameter",
    "Some layers of an adapter are trainable and others are not, and no configuration asks for it.",
)
ACTIVE_UNKNOWN = error(
    "PEFT621",
    "live-active-adapter-unknown",
    "use a name that exists, through the model's own `set_adapter`, which checks it",
    "The active adapter does not exist in the layers, so the model answers as the base model. "
    "`base_model.set_adapter` "
    "and layers take any name without an error.",
)
ACTIVE_LABEL = error(
    "PEFT622",
    "live-active-adapter-only-labelled",
    "call `model.set_adapter(name)` instead of assigning `model.active_adapter`",
    "`model.active_adapter` names another adapter than the one that the layers use. Assigning the attribute "
    "changes nothing else.",
)
NOTHING_TRAINABLE = error(
    "PEFT623",
    "live-nothing-trainable",
    "load with `is_trainable=True`, or call `set_adapter(name)` before the optimizer is built",
    "The model is to be trained (it is in train mode, or --training was given) and no parameter requires a "
    "gradient.",
)
BASE_TRAINABLE = warning(
    "PEFT624",
    "live-base-parameters-trainable",
    "leave requires_grad to PEFT; name modules that should be trained in modules_to_save",
    "Parameters of the base model require gradients though the config does not ask for it. They are trained, "
    "and "
    "`save_pretrained` does not save them: what was learnt is lost.",
)
INACTIVE_TRAINABLE = info(
    "PEFT625",
    "live-inactive-adapter-trainable",
    "freeze it (`set_requires_grad(name, False)`), or activate it",
    "An adapter that is not active requires gradients. It gets none; with weight decay the optimizer still "
    "shrinks it.",
)
ACTIVE_FROZEN = warning(
    "PEFT626",
    "live-active-adapter-frozen",
    "call `model.set_adapter(name)` after loading the other adapter",
    "Another adapter is trainable and the active one is not. On peft 0.18 to 0.20, loading a frozen adapter "
    "beside a "
    "trainable one freezes the active one.",
)
NO_GRADIENT = error(
    "PEFT627",
    "live-adapter-without-gradient",
    "look at whether these modules take part in the forward pass, and whether checkpointing or no_grad cuts "
    "them off",
    "Parameters of the active adapter require gradients and the loss of the probe does not depend on them.",
)
NESTED = error(
    "PEFT629",
    "live-nested-peft-model",
    "wrap the base model once; add adapters with `load_adapter`",
    "A PeftModel is wrapped in a PeftModel. Checkpoints saved from one do not match the other, and adapters "
    "that were "
    "loaded into the outer one have no effect.",
)
DROPOUT = error(
    "PEFT630",
    "live-dropout-on-in-eval",
    "call `model.eval()` after adding adapters",
    "The model is in eval mode, but dropout of adapter layers is in train mode: they were added after "
    "`eval()`. Outputs are random.",
)
SCALE = warning(
    "PEFT631",
    "live-scaling-changed",
    "restore it with `set_scale(name, 1.0)` on the layers (diffusers: `set_adapters(name, 1.0)`)",
    "The scaling in the layers is not what r and lora_alpha of the config give: `set_scale` or `scale_layer` "
    "were "
    "used, or the adapter was loaded over another with another config. It survives set_adapter.",
)
WEIGHTS_NOT_FINITE = error(
    "PEFT632",
    "live-adapter-not-finite",
    "go back to a checkpoint from before the loss became NaN",
    "Parameters of the adapter hold NaN or infinite values, so that every output with this adapter active "
    "is NaN.",
)
LOGITS_NOT_FINITE = error(
    "PEFT633",
    "live-logits-not-finite",
    "look for NaN weights, or a type too narrow for the activations (float16)",
    "The logits of the probe hold NaN or infinite values, with adapters disabled or with the one that is "
    "named active.",
)
DEVICE = error(
    "PEFT634",
    "live-adapter-on-another-device",
    "move the model as a whole, `model.to(device)`; load weights after `low_cpu_mem_usage=True`",
    "Parameters of an adapter lie on another device than the layer that they adapt; on the meta device they "
    "have no values at all.",
)
NOT_RESTORED = error(
    "PEFT635",
    "live-check-left-traces",
    "reload the model, and report this to peftlint",
    "The check could not bring the model back to the state in which it found it.",
)
NO_ADAPTER = error(
    "PEFT636",
    "live-no-adapter-layers",
    "use the object that merge_and_unload() returned as a plain model, or attach an adapter",
    "The model has no adapter layer. After `merge_and_unload()` or `unload()` the old PeftModel is such an "
    "object: it "
    "still looks like a PeftModel, and `save_pretrained` writes an empty adapter.",
)
WEIGHTS_NOT_LOADED = error(
    "PEFT637",
    "live-weights-not-loaded",
    "load the adapter on the base and task class that it was trained with; `peftlint adapter DIR --base "
    "CONFIG` says more",
    "Loading the folder left adapter parameters without a tensor, or tensors without a parameter. PEFT says "
    "so only in "
    "a warning or a return value.",
)
OPTIMIZER = error(
    "PEFT641",
    "live-optimizer-misses-adapter",
    "build the optimizer after the adapter was added or loaded",
    "Parameters that require gradients are not in any group of the optimizer. They will never be updated.",
)
OPTIMIZER_STALE = warning(
    "PEFT642",
    "live-optimizer-holds-other-parameters",
    "build the optimizer from `model.parameters()` after all changes to the model",
    "The optimizer holds parameters that are no longer part of the model: it was built before layers were "
    "replaced.",
)
NOT_MOVED = error(
    "PEFT643",
    "live-weights-did-not-move",
    "check requires_grad, the optimizer's parameters, the learning rate, and that the loss depends on the "
    "adapter",
    "After optimizer steps with a learning rate above zero, no parameter of the active adapter has changed.",
)
FILE_DIFFERS = error(
    "PEFT644",
    "live-saved-file-differs",
    "save the PeftModel itself, unmerged, without `state_dict=`",
    "The adapter file that was just written lacks tensors of the adapter, or holds other values than the "
    "model in memory.",
)
STALE_CACHE = info(
    "PEFT645",
    "live-stale-cache-differs",
    "start with a fresh cache after each switch: `past_key_values=None` or a new DynamicCache",
    "A KV cache computed under one adapter and continued under another gives other logits than a clean run. "
    "This is so "
    "for every effective adapter and is reported as a measurement, not as a fault (only with --select).",
)
