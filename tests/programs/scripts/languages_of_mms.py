"""MMS has an adapter for each language: `load_adapter(target_lang)` of wav2vec2, which has nothing to do with PEFT."""
import torch
from transformers import AutoModelForCTC, AutoProcessor, Wav2Vec2ForCTC

MODEL = "facebook/mms-1b-all"
processor = AutoProcessor.from_pretrained(MODEL)
model = Wav2Vec2ForCTC.from_pretrained(MODEL, target_lang="eng", ignore_mismatched_sizes=True)
other = AutoModelForCTC.from_pretrained(MODEL)


def transcribe(speech, language):
    processor.tokenizer.set_target_lang(language)
    model.load_adapter(language, force_load=True)
    inputs = processor(speech, sampling_rate=16_000, return_tensors="pt")
    with torch.no_grad():
        return processor.decode(model(**inputs).logits.argmax(dim=-1)[0])


for language in ("eng", "fra", "deu"):
    print(transcribe(torch.zeros(16_000), language))
other.load_adapter("spa")
other.load_adapter("ita")
print(other(**processor(torch.zeros(16_000), return_tensors="pt")).logits)
