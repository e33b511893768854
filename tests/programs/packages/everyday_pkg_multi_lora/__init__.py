# Multi-LoRA server package.
