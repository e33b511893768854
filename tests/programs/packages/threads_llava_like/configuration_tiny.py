from transformers import PretrainedConfig


class TinyVLMConfig(PretrainedConfig):
    model_type = "tiny_vlm"

    def __init__(self, lm_adapter="acme/vicuna-lora-stage2", vision="openai/clip-vit-base-patch32", hidden=4096, **kwargs):
        super().__init__(**kwargs)
        self.lm_adapter = lm_adapter
        self.vision = vision
        self.hidden = hidden
