# Discord-like bot logic: one adapter per language, chosen by langdetect.
import logging

import torch
from langdetect import detect
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

logger = logging.getLogger("bot")

BASE = "bigscience/bloomz-1b7"
tokenizer = AutoTokenizer.from_pretrained(BASE)
backbone = AutoModelForCausalLM.from_pretrained(BASE, dtype=torch.float16).cuda()

bot = PeftModel.from_pretrained(backbone, "adapters/english", adapter_name="english")
bot.load_adapter("adapters/french", adapter_name="french")
bot.load_adapter("adapters/spanish", adapter_name="spanish")
bot.eval()


def reply(message: str) -> str:
    lang = detect(message)
    logger.debug("detected %s", lang)
    if lang == "fr":
        bot.set_adapter("french")
    elif lang == "es":
        bot.set_adapter("spanisch")  # expect: PEFT106
    else:
        bot.set_adapter("english")
    enc = tokenizer(f"User: {message}\nBot:", return_tensors="pt").to("cuda")
    with torch.no_grad():
        ids = bot.generate(**enc, max_new_tokens=80, do_sample=True, top_p=0.95)
    return tokenizer.decode(ids[0, enc["input_ids"].shape[1]:], skip_special_tokens=True).strip()


if __name__ == "__main__":
    logging.basicConfig(level=logging.DEBUG)
    for m in ["Hello there!", "Bonjour, comment ça va ?", "¿Qué hora es?"]:
        print(m, "->", reply(m))
