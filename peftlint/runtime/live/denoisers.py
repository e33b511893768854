"""Batches for the denoising models of diffusers: noise, a time step, and what stands for the prompt."""

from __future__ import annotations

from typing import Any

import torch

_ROWS = 8


def denoiser_batch(kind: str, config: Any, random: torch.Generator) -> dict[str, Any] | None:
    """Arguments of forward for a model of that class, from its config; None for a class that is not known."""
    match kind:
        case "UNet2DConditionModel":
            return _unet(config, random)
        case "FluxTransformer2DModel":
            return _flux(config, random)
        case "SD3Transformer2DModel":
            return _sd3(config, random)
    return None


def _unet(config: Any, random: torch.Generator) -> dict[str, Any]:
    size = min(int(config.sample_size or 8) if isinstance(config.sample_size, int) else 8, 16)
    width = config.cross_attention_dim
    width = width[0] if isinstance(width, list | tuple) else width
    batch: dict[str, Any] = {
        "sample": torch.randn(1, config.in_channels, size, size, generator=random),
        "timestep": torch.tensor(10),
        "encoder_hidden_states": torch.randn(1, 4, width, generator=random),
    }
    if getattr(config, "addition_embed_type", None) == "text_time":
        ids = 6 * (config.addition_time_embed_dim or 0)
        pooled = int(config.projection_class_embeddings_input_dim) - ids
        batch["added_cond_kwargs"] = {
            "text_embeds": torch.randn(1, pooled, generator=random),
            "time_ids": torch.ones(1, 6),
        }
    return batch


def _flux(config: Any, random: torch.Generator) -> dict[str, Any]:
    batch = {
        "hidden_states": torch.randn(1, _ROWS, config.in_channels, generator=random),
        "encoder_hidden_states": torch.randn(1, 4, config.joint_attention_dim, generator=random),
        "pooled_projections": torch.randn(1, config.pooled_projection_dim, generator=random),
        "timestep": torch.tensor([0.5]),
        "img_ids": torch.zeros(_ROWS, 3),
        "txt_ids": torch.zeros(4, 3),
    }
    batch["img_ids"][:, 2] = torch.arange(_ROWS)
    if config.guidance_embeds:
        batch["guidance"] = torch.tensor([3.5])
    return batch


def _sd3(config: Any, random: torch.Generator) -> dict[str, Any]:
    size = min(int(config.sample_size), 16)
    return {
        "hidden_states": torch.randn(1, config.in_channels, size, size, generator=random),
        "encoder_hidden_states": torch.randn(1, 4, config.joint_attention_dim, generator=random),
        "pooled_projections": torch.randn(1, config.pooled_projection_dim, generator=random),
        "timestep": torch.tensor([10.0]),
    }
