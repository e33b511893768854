"""Which releases and which parts of each library go into the table."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Scope:
    """What to read of one package.

    `every_release` is False where only the newest patch of each minor release is read.
    `files` are the files of the wheel that are unpacked; names defined elsewhere do not get into the table.
    `names` are the definitions that are kept, by the path where they are defined or the name under which the
    package exports them; what their classes inherit from is kept as well.
    """

    package: str
    first: str
    every_release: bool
    files: re.Pattern[str]
    names: re.Pattern[str]


_SUBMODULE = r"(?:[a-z_0-9]+\.)*"

SCOPES = {
    scope.package: scope
    for scope in (
        Scope(
            "peft",
            "0.3.0",
            True,
            files=re.compile(r"peft/.*\.py$"),
            # Tuner layers are internals: two and a half thousand methods that no rule asks about.
            names=re.compile(
                rf"peft\.(?!tuners\.){_SUBMODULE}\w+$"
                rf"|peft\.tuners\.{_SUBMODULE}(?:\w*Config|\w*Model|BaseTuner|BaseTunerLayer|LoraLayer|[a-z]\w+)$"
            ),
        ),
        Scope(
            "transformers",
            "4.30.0",
            False,
            files=re.compile(
                r"transformers/(?:(?!.*dummy_)[^/]+"
                r"|(?:generation|integrations|pipelines)/[^/]+"
                r"|utils/(?!dummy_)[^/]+|models/__init__|models/auto/[^/]+)\.py$"
            ),
            names=re.compile(
                r"transformers\.(?:trainer\w*|training_args\w*|cache_utils|optimization|trainer_callback)\.\w+$"
                r"|transformers\.integrations\.peft\.\w+$"
                rf"|transformers\.{_SUBMODULE}(?:PreTrainedModel|GenerationMixin|GenerationConfig|PreTrainedTokenizerBase"
                r"|Pipeline|pipeline|TextGenerationPipeline|\w*PretrainedConfig|PreTrainedConfig|set_seed"
                r"|HfArgumentParser|BitsAndBytesConfig|GPTQConfig|AwqConfig|QuantizationConfigMixin|HqqConfig"
                r"|QuantoConfig|TorchAoConfig|DataCollator\w*|Auto(?:Model\w*|Config|Tokenizer|Processor|ImageProcessor)"
                r"|default_data_collator)$"
            ),
        ),
        Scope(
            "diffusers",
            "0.22.0",
            False,
            files=re.compile(
                r"diffusers/(?:(?!dummy_)[^/]+|loaders/[^/]+|utils/(?!dummy_)[^/]+|models/(?:__init__|modeling_utils)"
                r"|models/unets/(?:__init__|unet_2d_condition)|models/unet_2d_condition"
                r"|models/transformers/(?:__init__|transformer_flux|transformer_sd3)"
                r"|pipelines/(?:__init__|pipeline_utils|auto_pipeline)"
                r"|pipelines/(?:stable_diffusion|stable_diffusion_xl|flux|stable_diffusion_3)/[^/]+)\.py$"
            ),
            names=re.compile(
                r"diffusers\.loaders(?:\.\w+)*\.\w*(?:Mixin|[a-z]\w+)$"
                rf"|diffusers\.{_SUBMODULE}(?:DiffusionPipeline|StableDiffusionMixin|ModelMixin|UNet2DConditionModel"
                r"|FluxTransformer2DModel|SD3Transformer2DModel|AutoPipelineFor\w+"
                r"|(?:StableDiffusion|StableDiffusionXL|Flux|StableDiffusion3)(?:Img2Img|Inpaint)?Pipeline)$"
                r"|diffusers\.utils\.peft_utils\.[a-z]\w+$"
            ),
        ),
        Scope(
            "trl",
            "0.7.0",
            False,
            files=re.compile(r"trl/.*\.py$"),
            names=re.compile(
                rf"trl\.{_SUBMODULE}(?:\w+Trainer|\w+Config|ScriptArguments|PreTrainedModelWrapper|AutoModelFor\w+"
                r"|DataCollator\w+|create_reference_model|get_\w+_config|setup_chat_format|clone_chat_template"
                r"|prepare_model_for_kbit_training|prepare_peft_model|peft_module_casting_to_bf16|TrlParser|\w+Callback"
                r"|ConstantLengthDataset)$"
            ),
        ),
    )
}
