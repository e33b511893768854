import torch
from torch import nn
from peft import PeftConfig, PeftModel
from transformers import AutoConfig, AutoModelForCausalLM, CLIPVisionModel, PreTrainedModel

from configuration_tiny import TinyVLMConfig


class TinyVLM(PreTrainedModel):
    config_class = TinyVLMConfig

    def __init__(self, config: TinyVLMConfig):
        super().__init__(config)
        self.vision = CLIPVisionModel.from_pretrained(config.vision)
        peft_config = PeftConfig.from_pretrained(config.lm_adapter)
        lm = AutoModelForCausalLM.from_pretrained(peft_config.base_model_name_or_path, torch_dtype=torch.float16)
        # attach the instruction-tuned LoRA
        self.language_model = PeftModel(lm, peft_config)  # expect: PEFT102
        self.proj = nn.Linear(self.vision.config.hidden_size, config.hidden)

    @torch.no_grad()
    def describe(self, pixel_values, prompt_ids):
        feats = self.proj(self.vision(pixel_values=pixel_values).last_hidden_state[:, 1:])
        emb = self.language_model.get_input_embeddings()(prompt_ids)
        inputs_embeds = torch.cat([feats.to(emb.dtype), emb], dim=1)
        return self.language_model.generate(inputs_embeds=inputs_embeds, max_new_tokens=64)
