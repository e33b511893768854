import torch
from transformers import WhisperForConditionalGeneration, WhisperProcessor, WhisperTokenizer
from peft import PeftModel, PeftConfig

language, task = "nepali", "transcribe"
lora_model_path = "checkpoint-4000/adapter_model"
peft_config = PeftConfig.from_pretrained(lora_model_path)
model_name_or_path = peft_config.base_model_name_or_path

model = WhisperForConditionalGeneration.from_pretrained(
    model_name_or_path,
    low_cpu_mem_usage=True,
    return_dict=True,
    torch_dtype=torch.float16,
    device_map="auto",
)
tokenizer = WhisperTokenizer.from_pretrained(model_name_or_path, language=language, task=task)
processor = WhisperProcessor.from_pretrained(model_name_or_path, language=language, task=task)

whisper_model = PeftModel.from_pretrained(model, lora_model_path)
whisper_model = whisper_model.merge_and_unload()
merged_model = "whisper-small-ne-merged"

whisper_model.push_to_hub(merged_model)
tokenizer.push_to_hub(merged_model)
processor.push_to_hub(merged_model)
# ct2-transformers-converter --model whisper-small-ne-merged --output_dir ct2 --quantization float16
