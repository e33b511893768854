"""The table of APIs: sound in itself, and true to the history of the libraries."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from packaging.version import Version

from peftlint.semantics.api import stored
from peftlint.semantics.api import table as api
from peftlint.semantics.api.releases import (
    DATA,
    PACKAGES,
    known_releases,
    newest_release,
    tabled_release,
    tabled_releases,
)
from peftlint.semantics.api.signatures import Kind, ParameterKind, parsed

# -- sound in itself


@pytest.mark.parametrize("package", PACKAGES)
def test_releases_are_in_order(package: str) -> None:
    for releases in (known_releases(package), tabled_releases(package)):
        versions = [Version(release) for release in releases]
        assert versions == sorted(set(versions))
    assert set(tabled_releases(package)) <= set(known_releases(package))
    assert tabled_releases(package)[-1] == known_releases(package)[-1] == newest_release(package)
    assert stored.table(package)["releases"] == list(tabled_releases(package))  # type: ignore[comparison-overlap]


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize("part", ["symbols", "classes", "paths", "literals"])
def test_ranges(package: str, part: str) -> None:
    """First is not after last, ranges of one name follow each other, and no two neighbours are the same."""
    last = len(tabled_releases(package)) - 1
    for name, ranges in stored.table(package)[part].items():
        assert len(ranges) % 3 == 0 and ranges, name
        before, value_before = -1, None
        for first, final, value in zip(ranges[::3], ranges[1::3], ranges[2::3], strict=True):
            assert before < first <= final <= last, name
            assert (first, value) != (before + 1, value_before), name
            before, value_before = final, value


@pytest.mark.parametrize("package", PACKAGES)
def test_what_is_stored_can_be_read(package: str) -> None:
    table = stored.table(package)
    for name, ranges in table["symbols"].items():
        for described in ranges[2::3]:
            kind = Kind(described[0])
            signature = parsed(described[2:])
            assert (signature is None) <= (kind is Kind.CLASS), name
            if signature is not None:
                names = [parameter.name for parameter in signature.parameters]
                assert len(names) == len(set(names)) and all(n.isidentifier() for n in names), name
                assert kind is Kind.FUNCTION or not set(names) & {"self", "cls"}, name
    for ranges in table["classes"].values():
        for bases in ranges[2::3]:
            assert all(base in table["classes"] for base in bases.partition("|")[0].split())
    for ranges in table["paths"].values():
        assert all(name in table["symbols"] for name in ranges[2::3])


def test_canonical_names_stay() -> None:
    for package in PACKAGES:
        assert all(api.canonical(symbol) == symbol for symbol in api.symbols(package))


def test_size() -> None:
    """All that ships is below 300 KB."""
    assert sum(path.stat().st_size for path in DATA.iterdir()) < 300_000


def test_quick_to_load() -> None:
    """All four in less than 20 ms of processor time, at best of five: 8 to 12 ms were measured beside other work."""
    times = []
    for _ in range(5):
        stored.table.cache_clear()
        begun = time.process_time()
        for package in PACKAGES:
            stored.table(package)
        times.append(time.process_time() - begun)
    assert min(times) < 0.02


def test_nothing_is_read_before_it_is_asked_for() -> None:
    code = (
        "from peftlint.semantics.api import stored, table\n"
        "assert stored.table.cache_info().currsize == 0\n"
        "assert table.canonical('torch.nn.Module') == 'torch.nn.Module'\n"
        "assert stored.table.cache_info().currsize == 0\n"
        "assert table.exists('peft.LoraConfig', '0.21.2')\n"
        "assert stored.table.cache_info().currsize == 1\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# -- the reader

CANONICAL = {
    "peft.LoraConfig": "peft.LoraConfig",
    "peft.tuners.lora.LoraConfig": "peft.LoraConfig",
    "peft.tuners.lora.config.LoraConfig": "peft.LoraConfig",
    "peft.tuners.LoraConfig": "peft.LoraConfig",
    "peft.peft_model.PeftModel.from_pretrained": "peft.PeftModel.from_pretrained",
    "peft.mapping.get_peft_model": "peft.get_peft_model",
    "peft.utils.get_peft_model_state_dict": "peft.get_peft_model_state_dict",
    "peft.utils.save_and_load.get_peft_model_state_dict": "peft.get_peft_model_state_dict",
    "peft.utils.other.prepare_model_for_kbit_training": "peft.prepare_model_for_kbit_training",
    "peft.tuners.lora.model.LoraModel.add_weighted_adapter": "peft.LoraModel.add_weighted_adapter",
    "transformers.modeling_utils.PreTrainedModel": "transformers.PreTrainedModel",
    "transformers.trainer.Trainer": "transformers.Trainer",
    "transformers.cache_utils.DynamicCache": "transformers.DynamicCache",
    "transformers.utils.quantization_config.BitsAndBytesConfig": "transformers.BitsAndBytesConfig",
    "transformers.models.auto.AutoModelForCausalLM": "transformers.AutoModelForCausalLM",
    "transformers.models.auto.modeling_auto.AutoModel": "transformers.AutoModel",
    "trl.trainer.sft_trainer.SFTTrainer": "trl.SFTTrainer",
    "trl.trainer.DPOConfig": "trl.DPOConfig",
    "diffusers.pipelines.pipeline_utils.DiffusionPipeline": "diffusers.DiffusionPipeline",
    "diffusers.loaders.peft.PeftAdapterMixin": "diffusers.loaders.PeftAdapterMixin",
    # not in the table
    "peft.NoSuchThing": "peft.NoSuchThing",
    "torch.nn.Module": "torch.nn.Module",
    "peft": "peft",
}


@pytest.mark.parametrize("dotted", CANONICAL)
def test_canonical(dotted: str) -> None:
    assert api.canonical(dotted) == CANONICAL[dotted]


def test_signature() -> None:
    signature = api.signature("peft.PeftModel.load_adapter", "0.10.0")
    assert signature is not None
    described = [(p.name, p.kind, p.required) for p in signature.parameters]
    assert described == [
        ("model_id", ParameterKind.POSITIONAL_OR_KEYWORD, True),
        ("adapter_name", ParameterKind.POSITIONAL_OR_KEYWORD, True),
        ("is_trainable", ParameterKind.POSITIONAL_OR_KEYWORD, False),
        ("kwargs", ParameterKind.VAR_KEYWORD, False),
    ]
    assert signature.has_kwargs and not signature.has_args and signature.complete
    assert signature.accepts("is_trainble") and not signature.names("is_trainble")
    assert signature.required == ("model_id", "adapter_name")


def test_inherited_methods_are_found() -> None:
    assert api.signature("peft.PeftModelForCausalLM.load_adapter", "0.21.2") == api.signature(
        "peft.PeftModel.load_adapter", "0.21.2"
    )
    mixin = api.canonical("transformers.integrations.peft.PeftAdapterMixin")
    assert mixin in api.inherits("transformers.PreTrainedModel", "5.23.0")
    assert api.signature("transformers.PreTrainedModel.add_adapter", "5.23.0") == api.signature(
        f"{mixin}.add_adapter", "5.23.0"
    )
    assert api.lifetime("transformers.PreTrainedModel.add_adapter") == ("4.33.0", None)


def test_signatures_across_packages() -> None:
    alone = api.signature("trl.SFTConfig", "1.16.0")
    assert alone is not None and not alone.complete
    assert alone.inherited == ("transformers.TrainingArguments",)
    assert alone.accepts("output_dir") and not alone.names("output_dir") and alone.accepts("no_such")
    old = api.signature("trl.SFTConfig", "0.12.2", {"transformers": "4.46.3"})
    new = api.signature("trl.SFTConfig", "1.16.0", {"transformers": "5.23.0"})
    assert old is not None and new is not None and old.complete and new.complete
    assert old.names("output_dir") and new.names("output_dir") and new.names("max_length")
    assert old.accepts("evaluation_strategy") and not new.accepts("evaluation_strategy")
    assert new.positional[0] == "output_dir"


def test_second_names() -> None:
    """PretrainedConfig is an assignment `PretrainedConfig = PreTrainedConfig` since transformers 5.0."""
    for release in ("4.57.6", "5.23.0"):
        assert api.exists("transformers.PretrainedConfig", release)
        assert api.signature("transformers.PretrainedConfig", release) is not None
        assert "to_dict" in api.members("transformers.PretrainedConfig", release)
    assert api.lifetime("transformers.PretrainedConfig") == (known_releases("transformers")[0], None)


def test_what_is_no_callable_has_no_signature() -> None:
    assert api.kind("peft.PeftModel.active_adapters", "0.21.2") is Kind.PROPERTY
    assert api.signature("peft.PeftModel.active_adapters", "0.21.2") is None
    assert api.signature("peft.NoSuchThing", "0.21.2") is None
    assert api.signature("torch.nn.Linear", "2.1") is None
    assert api.kind("transformers.PreTrainedModel.active_adapters", "5.23.0") is Kind.METHOD


def test_members() -> None:
    members = api.members("peft.PeftModelForCausalLM", "0.21.2")
    assert "merge_adapter" not in members  # forwarded to the LoraModel by __getattr__
    assert members["load_adapter"] is Kind.METHOD
    assert members["from_pretrained"] is Kind.CLASSMETHOD
    assert members["active_adapters"] is Kind.PROPERTY
    assert "disable_adapters" not in members
    assert api.is_open("peft.PeftModelForCausalLM", "0.21.2")
    assert "disable_adapters" in api.members("transformers.PreTrainedModel", "5.23.0")
    assert "merge_and_unload" in api.members("peft.LoraModel", "0.21.2")
    assert api.members("peft.NoSuchClass", "0.21.2") == {}


def test_releases_that_were_not_read() -> None:
    read = tabled_releases("transformers")
    assert read[tabled_release("transformers", "4.56.0")] == "4.56.2"
    assert read[tabled_release("transformers", "4.56.99")] == "4.56.2"
    assert read[tabled_release("transformers", "99")] == read[-1]
    assert read[tabled_release("transformers", "4.57.0.dev0")] == "4.57.6"
    assert tabled_release("transformers", "4.1") == 0
    assert tabled_releases("peft")[tabled_release("peft", "0.17")] == "0.17.0"
    with pytest.raises(ValueError, match="not a version of peft"):
        tabled_release("peft", "new")


def test_paths() -> None:
    assert "peft.tuners.lora.LoraConfig" in set(api.paths("peft"))
    assert api.path_lifetime("peft.tuners.lora.config.LoraConfig") == ("0.6.0", None)
    assert api.exists("peft.tuners.lora.config.LoraConfig", "0.6.0")
    assert not api.exists("peft.tuners.lora.config.LoraConfig", "0.5.0")
    assert api.lifetime("peft.LoraConfig") == ("0.3.0", None)
    assert api.path_lifetime("peft.utils.hotswap.hotswap_adapter") == ("0.14.0", None)
    assert api.path_lifetime("peft.mapping.get_peft_model") == (known_releases("peft")[0], "0.14.0")
    assert api.exists("peft.mapping.get_peft_model", "0.14.0")
    assert not api.exists("peft.mapping.get_peft_model", "0.15.0")
    assert api.lifetime("peft.get_peft_model") == (known_releases("peft")[0], None)
    for unknown in ("peft.NoSuchThing", "torch.nn.Module"):
        with pytest.raises(KeyError):
            api.lifetime(unknown)


# -- history: symbols. First and last release; "" for the oldest that is in the table, None for still there

LIFETIMES: dict[str, tuple[str, str | None]] = {
    "peft.prepare_model_for_int8_training": ("", "0.9.0"),
    "peft.prepare_model_for_kbit_training": ("0.4.0", None),
    "peft.BoneConfig": ("0.14.0", "0.18.1"),
    "peft.MissConfig": ("0.17.0", None),
    "peft.PromptLearningConfig": ("", None),
    "peft.PeftMixedModel": ("0.7.0", None),
    "peft.get_model_status": ("0.11.0", None),
    "peft.get_layer_status": ("0.11.0", None),
    "peft.helpers.rescale_adapter_scale": ("0.13.0", None),
    "peft.helpers.check_if_peft_model": ("0.11.0", None),
    "peft.helpers.disable_input_dtype_casting": ("0.15.0", None),
    "peft.utils.hotswap.hotswap_adapter": ("0.14.0", None),
    "peft.initialize_lora_eva_weights": ("0.14.0", None),
    "peft.PeftModel.set_requires_grad": ("0.18.0", None),
    "peft.ArrowConfig": ("0.18.0", None),
    "peft.convert_to_lora": ("0.19.0", None),
    "peft.helpers.DoraCaching": ("0.19.0", None),
    "peft.LoraGAConfig": ("0.19.0", None),
    "peft.get_base_model_state_dict": ("0.20.0", None),
    "peft.VeloraConfig": ("0.20.0", None),
    "peft.MontecloraConfig": ("0.20.0", None),
    "peft.PeftError": ("0.21.0", None),
    "peft.NoMatchingPeftModuleError": ("0.21.0", None),
    "transformers.PreTrainedModel.delete_adapter": ("4.48.0", None),
    "transformers.PreTrainedModel.active_adapter": ("4.33.0", "4.56.2"),
    "transformers.PreTrainedModel.activation_checkpointing_enable": ("5.23.0", None),
    "transformers.PreTrainedModel.gradient_checkpointing_enable": ("", None),
    "transformers.SinkCache": ("4.36.0", "4.57.6"),
    "transformers.HybridCache": ("4.42.0", "4.57.6"),
    "transformers.DynamicCache.to_legacy_cache": ("4.36.0", "4.57.6"),
    "transformers.DynamicCache.from_legacy_cache": ("4.36.0", "4.57.6"),
    "transformers.DynamicCache.reset": ("4.54.0", None),
    "transformers.AdamW": ("", "4.49.0"),
    "transformers.AutoModelForCausalLM": ("", None),
    "trl.PPOTrainer": ("", "0.28.0"),
    "trl.GRPOTrainer": ("0.14.0", None),
    "trl.SFTConfig": ("0.9.2", None),
    "trl.DataCollatorForCompletionOnlyLM": ("", "0.19.1"),
    "trl.setup_chat_format": ("", "0.25.1"),
    "diffusers.StableDiffusionPipeline.set_adapters": ("", None),
    # moved to StableDiffusionMixin in 0.27
    "diffusers.StableDiffusionPipeline.enable_freeu": ("", None),
    "diffusers.StableDiffusionPipeline.enable_vae_slicing": ("", "0.39.0"),
    "diffusers.UNet2DConditionModel.add_adapter": ("", None),
    "diffusers.StableDiffusionPipeline.delete_adapters": ("0.24.0", None),
    "diffusers.loaders.PeftAdapterMixin": ("0.26.0", None),
    "diffusers.StableDiffusionPipeline.enable_lora_hotswap": ("0.33.0", None),
}


@pytest.mark.parametrize("symbol", LIFETIMES)
def test_lifetimes(symbol: str) -> None:
    first, last = LIFETIMES[symbol]
    oldest = known_releases(symbol.partition(".")[0])[0]
    assert api.lifetime(symbol) == (first or oldest, last)


# -- history: parameters. The releases between which a keyword came or went

CAME: dict[tuple[str, str], tuple[str, str]] = {
    ("peft.LoraConfig", "use_rslora"): ("0.7.1", "0.8.0"),
    ("peft.LoraConfig", "use_dora"): ("0.8.2", "0.9.0"),
    ("peft.LoraConfig", "layer_replication"): ("0.9.0", "0.10.0"),
    ("peft.LoraConfig", "exclude_modules"): ("0.13.2", "0.14.0"),
    ("peft.LoraConfig", "lora_bias"): ("0.13.2", "0.14.0"),
    ("peft.LoraConfig", "corda_config"): ("0.14.0", "0.15.0"),
    ("peft.LoraConfig", "trainable_token_indices"): ("0.14.0", "0.15.0"),
    ("peft.LoraConfig", "target_parameters"): ("0.16.0", "0.17.0"),
    ("peft.LoraConfig", "ensure_weight_tying"): ("0.17.1", "0.18.0"),
    ("peft.LoraConfig", "alora_invocation_tokens"): ("0.17.1", "0.18.0"),
    ("peft.LoraConfig", "arrow_config"): ("0.17.1", "0.18.0"),
    ("peft.PeftModel.save_pretrained", "save_embedding_layers"): ("0.6.2", "0.7.0"),
    ("peft.PeftModel.save_pretrained", "path_initial_model_for_weight_conversion"): ("0.11.1", "0.12.0"),
    ("peft.get_peft_model", "autocast_adapter_dtype"): ("0.11.1", "0.12.0"),
    ("peft.PeftModel.from_pretrained", "low_cpu_mem_usage"): ("0.12.0", "0.13.0"),
    ("peft.PeftModel.from_pretrained", "key_mapping"): ("0.15.2", "0.16.0"),
    ("peft.PeftModel.set_adapter", "inference_mode"): ("0.18.1", "0.19.0"),
    ("peft.LoraModel.merge_adapter", "adapter_names"): ("0.6.2", "0.7.0"),
    ("transformers.PreTrainedModel.load_adapter", "is_trainable"): ("4.46.3", "4.47.1"),
    ("transformers.PreTrainedModel.load_adapter", "hotswap"): ("4.57.6", "5.0.0"),
    ("transformers.Trainer", "processing_class"): ("4.45.2", "4.46.0"),
    ("transformers.TrainingArguments", "eval_strategy"): ("4.40.2", "4.41.0"),
    ("transformers.TrainingArguments", "activation_checkpointing"): ("5.22.2", "5.23.0"),
    ("trl.SFTTrainer", "processing_class"): ("0.11.4", "0.12.0"),
}

WENT: dict[tuple[str, str], tuple[str, str]] = {
    ("peft.PeftModel.save_pretrained", "convert_pissa_to_lora"): ("0.13.2", "0.14.0"),
    ("transformers.Trainer", "tokenizer"): ("4.57.6", "5.0.0"),
    ("transformers.TrainingArguments", "evaluation_strategy"): ("4.50.3", "4.51.0"),
    ("transformers.TrainingArguments", "no_cuda"): ("4.57.6", "5.0.0"),
    ("transformers.TrainingArguments", "use_mps_device"): ("4.57.6", "5.0.0"),
    ("transformers.TrainingArguments", "push_to_hub_token"): ("4.57.6", "5.0.0"),
    ("transformers.TrainingArguments", "overwrite_output_dir"): ("4.57.6", "5.0.0"),
    ("transformers.TrainingArguments", "group_by_length"): ("5.1.0", "5.2.0"),
    ("transformers.TrainingArguments", "save_safetensors"): ("4.57.6", "5.0.0"),
    ("transformers.TrainingArguments", "logging_dir"): ("5.14.1", "5.15.0"),
    ("transformers.TrainingArguments", "warmup_ratio"): ("5.14.1", "5.15.0"),
    ("transformers.PreTrainedModel.load_adapter", "revision"): ("4.57.6", "5.0.0"),
    ("trl.SFTTrainer", "tokenizer"): ("0.15.2", "0.16.0"),
    ("trl.SFTTrainer", "max_seq_length"): ("0.12.2", "0.13.0"),
    ("trl.SFTTrainer", "dataset_text_field"): ("0.12.2", "0.13.0"),
    ("trl.DPOTrainer", "beta"): ("0.12.2", "0.13.0"),
}


def _names(symbol: str, keyword: str, release: str) -> bool:
    signature = api.signature(symbol, release)
    assert signature is not None
    return signature.names(keyword)


@pytest.mark.parametrize(("symbol", "keyword"), CAME)
def test_keywords_that_came(symbol: str, keyword: str) -> None:
    before, since = CAME[symbol, keyword]
    assert not _names(symbol, keyword, before)
    assert _names(symbol, keyword, since)
    assert _names(symbol, keyword, newest_release(symbol.partition(".")[0]))


@pytest.mark.parametrize(("symbol", "keyword"), WENT)
def test_keywords_that_went(symbol: str, keyword: str) -> None:
    until, after = WENT[symbol, keyword]
    assert _names(symbol, keyword, until)
    assert not _names(symbol, keyword, after)
    assert not _names(symbol, keyword, newest_release(symbol.partition(".")[0]))


def test_renamed_keywords_still_work() -> None:
    """Trainer(tokenizer=) went through @deprecate_kwarg from 4.46 to 4.57."""
    signature = api.signature("transformers.Trainer", "4.57.6")
    assert signature is not None
    assert signature.renamed == (("tokenizer", "processing_class"),)
    assert "tokenizer" not in signature.keywords and signature.accepts("tokenizer")


def test_first_positional_argument_of_lora_config() -> None:
    """LoraConfig(8) was taken as the peft_type, then as the task_type; never as r."""
    for release, first in (("0.13.2", "peft_type"), ("0.14.0", "task_type"), ("0.21.2", "task_type")):
        signature = api.signature("peft.LoraConfig", release)
        assert signature is not None and signature.positional[0] == first


def test_third_positional_argument_of_load_adapter() -> None:
    for release, third in (("4.56.2", "revision"), ("5.23.0", "peft_config")):
        signature = api.signature("transformers.PreTrainedModel.load_adapter", release)
        assert signature is not None and signature.positional[2] == third


def test_positional_generate() -> None:
    """PeftModelForCausalLM.generate(input_ids) raised a TypeError until peft 0.7."""
    for release, takes_positional in (("0.6.2", False), ("0.8.2", True), ("0.21.2", True)):
        signature = api.signature("peft.PeftModelForCausalLM.generate", release)
        assert signature is not None and signature.has_args == takes_positional


# -- history: literals

INIT_LORA_WEIGHTS = {
    "gaussian": "0.7.0",
    "loftq": "0.7.0",
    "pissa": "0.11.0",
    "pissa_niter_16": "0.11.0",
    "olora": "0.12.0",
    "eva": "0.14.0",
    "corda": "0.15.0",
    "orthogonal": "0.16.0",
    "lora_ga": "0.19.0",
    "mica": "0.20.0",
}


@pytest.mark.parametrize("text", INIT_LORA_WEIGHTS)
def test_init_lora_weights(text: str) -> None:
    what = "peft.LoraConfig.init_lora_weights"
    for release in known_releases("peft"):
        # Until 0.6 any string was as good as True.
        since_checked = Version(release) >= Version("0.7")
        expected = not since_checked or Version(release) >= Version(INIT_LORA_WEIGHTS[text])
        assert api.accepts_literal(what, release, text) == expected, release


@pytest.mark.parametrize("text", ["foo", "False", "pissa_niter", "pissa_16", "pisa", "kaiming", ""])
def test_unknown_init_lora_weights(text: str) -> None:
    assert not api.accepts_literal("peft.LoraConfig.init_lora_weights", "0.21.2", text)
    assert api.accepts_literal("peft.LoraConfig.init_lora_weights", "0.6.2", text)


def test_case_of_literals() -> None:
    what = "peft.LoraConfig.init_lora_weights"
    assert api.accepts_literal(what, "0.21.2", "Gaussian") and api.accepts_literal(what, "0.21.2", "OLoRA")
    assert not api.accepts_literal(what, "0.21.2", "PiSSA") and not api.accepts_literal(
        what, "0.21.2", "LoftQ"
    )


def test_other_literals() -> None:
    assert api.literals("peft.LoraConfig.bias", "0.10.0") == ("all", "lora_only", "none")
    assert set(api.literals("peft.TaskType", "0.21.2") or ()) == {
        *("SEQ_CLS", "SEQ_2_SEQ_LM", "CAUSAL_LM", "TOKEN_CLS", "QUESTION_ANS", "FEATURE_EXTRACTION")
    }
    assert set(api.literals("peft.TaskType", "0.3.0") or ()) == {
        *("SEQ_CLS", "SEQ_2_SEQ_LM", "CAUSAL_LM", "TOKEN_CLS")
    }
    assert "LORA" in (api.literals("peft.PeftType", "0.21.2") or ())
    combinations = "peft.LoraModel.add_weighted_adapter.combination_type"
    assert api.literals(combinations, "0.5.0") == ("cat", "linear", "svd")
    assert set(api.literals(combinations, "0.21.2") or ()) == {
        *("svd", "linear", "cat", "ties", "ties_svd", "dare_ties", "dare_linear", "dare_ties_svd"),
        *("dare_linear_svd", "magnitude_prune", "magnitude_prune_svd"),
    }
    with pytest.raises(KeyError):
        api.literals("peft.LoraConfig.r", "0.21.2")
