import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

base = AutoModelForCausalLM.from_pretrained("bigscience/bloomz-560m")
tokenizer = AutoTokenizer.from_pretrained("bigscience/bloomz-560m")
model = PeftModel.from_pretrained(base, "outputs/bloomz_tweets/lora")

inputs = tokenizer("Tweet text : @nationalgridus I have no water and the bill is current. Label : ", return_tensors="pt")
with torch.no_grad():
    outputs = model.generate(**inputs, max_new_tokens=10, eos_token_id=3)
print(tokenizer.batch_decode(outputs, skip_special_tokens=True))
