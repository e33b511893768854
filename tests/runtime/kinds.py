"""A tiny model of each supported kind, with one or two LoRA adapters that are not no-ops."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from transformers import (
    BertConfig,
    BertForQuestionAnswering,
    BertForSequenceClassification,
    BertForTokenClassification,
    BertModel,
    T5Config,
    T5ForConditionalGeneration,
    ViTConfig,
    ViTForImageClassification,
    WhisperConfig,
    WhisperForConditionalGeneration,
)

from tests.runtime.zoo import llama

_BERT = BertConfig(
    vocab_size=64,
    hidden_size=32,
    intermediate_size=64,
    num_hidden_layers=2,
    num_attention_heads=4,
    max_position_embeddings=64,
)


def lora(target: list[str], **settings: Any) -> LoraConfig:
    """A LoRA whose B is random, as if it had been trained."""
    return LoraConfig(
        r=4, target_modules=target, init_lora_weights=False, base_model_name_or_path="tiny/llama", **settings
    )


def _wrapped(base: Any, target: list[str], **settings: Any) -> Any:
    torch.manual_seed(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return get_peft_model(base, lora(target, **settings), adapter_name="math").eval()


def two(**settings: Any) -> Any:
    """A Llama with the adapters math (active) and code."""
    model = _wrapped(llama(), ["q_proj", "v_proj"], **settings)
    torch.manual_seed(2)
    model.add_adapter("code", lora(["q_proj", "v_proj"], **settings))
    return model.eval()


def causal() -> Any:
    return two(task_type="CAUSAL_LM")


def transformers_model() -> Any:
    model = llama()
    for seed, name in ((1, "math"), (2, "code")):
        torch.manual_seed(seed)
        model.add_adapter(lora(["q_proj", "v_proj"]), adapter_name=name)
    model.set_adapter("math")
    return model.eval()


def seq2seq() -> Any:
    torch.manual_seed(0)
    settings = T5Config(
        vocab_size=64, d_model=32, d_kv=8, d_ff=64, num_layers=2, num_heads=4, decoder_start_token_id=0
    )
    return _wrapped(T5ForConditionalGeneration(settings), ["q", "v"], task_type="SEQ_2_SEQ_LM")


def sequence_classification() -> Any:
    torch.manual_seed(0)
    return _wrapped(BertForSequenceClassification(_BERT), ["query", "value"], task_type="SEQ_CLS")


def llama_classification() -> Any:
    from transformers import LlamaForSequenceClassification

    torch.manual_seed(0)
    return _wrapped(LlamaForSequenceClassification(llama().config), ["q_proj"], task_type="SEQ_CLS")


def token_classification() -> Any:
    torch.manual_seed(0)
    return _wrapped(BertForTokenClassification(_BERT), ["query", "value"], task_type="TOKEN_CLS")


def question_answering() -> Any:
    torch.manual_seed(0)
    return _wrapped(BertForQuestionAnswering(_BERT), ["query", "value"], task_type="QUESTION_ANS")


def feature_extraction() -> Any:
    torch.manual_seed(0)
    return _wrapped(BertModel(_BERT), ["query", "value"], task_type="FEATURE_EXTRACTION")


def image_classification() -> Any:
    torch.manual_seed(0)
    settings = ViTConfig(
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        image_size=16,
        patch_size=8,
    )
    model = ViTForImageClassification(settings)
    names = {name.split(".")[-1] for name, _ in model.named_modules()}
    return _wrapped(model, ["query"] if "query" in names else ["q_proj"], modules_to_save=["classifier"])


def speech() -> Any:
    torch.manual_seed(0)
    settings = WhisperConfig(
        vocab_size=64, num_mel_bins=8, d_model=32, encoder_layers=1, decoder_layers=1,
            encoder_attention_heads=4, decoder_attention_heads=4,
        encoder_ffn_dim=64, decoder_ffn_dim=64, max_source_positions=16, max_target_positions=32,
            pad_token_id=0, bos_token_id=1,
        eos_token_id=2, decoder_start_token_id=3,
    )  # fmt: skip
    return _wrapped(WhisperForConditionalGeneration(settings), ["q_proj", "v_proj"])


def injected() -> Any:
    """A plain torch module with layers put in by `inject_adapter_in_model`."""
    from peft import inject_adapter_in_model

    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(8, 8), torch.nn.ReLU(), torch.nn.Linear(8, 4))
    return inject_adapter_in_model(lora(["0", "2"]), model, adapter_name="math").eval()


def unet() -> Any:
    from diffusers import UNet2DConditionModel

    torch.manual_seed(0)
    model = UNet2DConditionModel(
        sample_size=8, in_channels=4, out_channels=4, layers_per_block=1, block_out_channels=(8, 16),
            norm_num_groups=4,
        cross_attention_dim=16, attention_head_dim=4,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"), up_block_types=("UpBlock2D",
            "CrossAttnUpBlock2D"),
    )  # fmt: skip
    for seed, name in ((1, "math"), (2, "code")):
        torch.manual_seed(seed)
        model.add_adapter(
            LoraConfig(r=4, target_modules=["to_q", "to_v"], init_lora_weights=False), adapter_name=name
        )
    model.set_adapter("math")
    return model.eval()


def sdxl_unet() -> Any:
    from diffusers import UNet2DConditionModel

    torch.manual_seed(0)
    model = UNet2DConditionModel(
        block_out_channels=(8, 16), layers_per_block=1, sample_size=8, in_channels=4, out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"), attention_head_dim=(2, 4),
        use_linear_projection=True, addition_embed_type="text_time", addition_time_embed_dim=8,
        transformer_layers_per_block=(1, 2), projection_class_embeddings_input_dim=80,
        cross_attention_dim=16, norm_num_groups=4,
    )  # fmt: skip
    return _denoiser(model)


def flux_transformer() -> Any:
    from diffusers import FluxTransformer2DModel

    torch.manual_seed(0)
    model = FluxTransformer2DModel(
        patch_size=1, in_channels=4, num_layers=1, num_single_layers=1, attention_head_dim=16,
        num_attention_heads=2, joint_attention_dim=32, pooled_projection_dim=32, axes_dims_rope=[4, 4, 8],
    )  # fmt: skip
    return _denoiser(model)


def sd3_transformer() -> Any:
    from diffusers import SD3Transformer2DModel

    torch.manual_seed(0)
    model = SD3Transformer2DModel(
        sample_size=8, patch_size=1, in_channels=4, num_layers=1, attention_head_dim=8,
        num_attention_heads=4, caption_projection_dim=32, joint_attention_dim=32,
        pooled_projection_dim=64, out_channels=4,
    )  # fmt: skip
    return _denoiser(model)


def _denoiser(model: Any) -> Any:
    for seed, name in ((1, "math"), (2, "code")):
        torch.manual_seed(seed)
        model.add_adapter(
            LoraConfig(r=4, target_modules=["to_q", "to_v"], init_lora_weights=False), adapter_name=name
        )
    model.set_adapter("math")
    return model.eval()


def text_encoder() -> Any:
    from transformers import CLIPTextConfig, CLIPTextModel

    torch.manual_seed(0)
    settings = CLIPTextConfig(
        vocab_size=64, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        max_position_embeddings=77, pad_token_id=0, bos_token_id=1, eos_token_id=2,
    )  # fmt: skip
    model = CLIPTextModel(settings)
    model.add_adapter(lora(["q_proj"]), adapter_name="math")
    return model.eval()


def pipeline() -> Any:
    """A Stable Diffusion pipeline without text encoder."""
    from diffusers import DDIMScheduler, StableDiffusionPipeline

    parts = dict.fromkeys(("vae", "text_encoder", "tokenizer", "safety_checker", "feature_extractor"))
    return _Pipeline(StableDiffusionPipeline, unet(), DDIMScheduler(), parts).pipe


class _Pipeline:
    def __init__(self, kind: Any, model: Any, scheduler: Any, parts: dict[str, Any]) -> None:
        from diffusers import AutoencoderKL

        torch.manual_seed(0)
        vae = AutoencoderKL(
            block_out_channels=(8,),
            down_block_types=("DownEncoderBlock2D",),
            up_block_types=("UpDecoderBlock2D",),
            norm_num_groups=4,
        )
        self.pipe = kind(
            unet=model, scheduler=scheduler, requires_safety_checker=False, **{**parts, "vae": vae}
        )


KINDS: dict[str, Callable[[], Any]] = {
    "causal": causal,
    "transformers": transformers_model,
    "seq2seq": seq2seq,
    "sequence classification": sequence_classification,
    "llama classification": llama_classification,
    "token classification": token_classification,
    "question answering": question_answering,
    "feature extraction": feature_extraction,
    "image classification": image_classification,
    "speech": speech,
    "unet": unet,
    "pipeline": pipeline,
    "sdxl unet": sdxl_unet,
    "flux transformer": flux_transformer,
    "sd3 transformer": sd3_transformer,
    "text encoder": text_encoder,
}
