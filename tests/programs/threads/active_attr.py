import argparse, os, sys
import torch
from transformers import AutoModelForSpeechSeq2Seq, AutoProcessor
from peft import PeftModel
import librosa

# one whisper, one LoRA per dialect
DIALECTS = {"bavarian": "asr/lora_by", "swiss": "asr/lora_ch"}

parser = argparse.ArgumentParser()
parser.add_argument("wav")
parser.add_argument("--dialect", choices=list(DIALECTS), default="bavarian")
opt = parser.parse_args()

processor = AutoProcessor.from_pretrained("openai/whisper-small", language="german", task="transcribe")
net = AutoModelForSpeechSeq2Seq.from_pretrained("openai/whisper-small")
net = PeftModel.from_pretrained(net, DIALECTS["bavarian"], adapter_name="bavarian")
net.load_adapter(DIALECTS["swiss"], adapter_name="swiss")
net.eval()

print("available:", list(net.peft_config))
net.active_adapter = opt.dialect  # expect: PEFT310
print("using:", net.active_adapter)

audio, sr = librosa.load(opt.wav, sr=16000)
feats = processor(audio, sampling_rate=16000, return_tensors="pt").input_features
with torch.no_grad():
    ids = net.generate(input_features=feats, max_new_tokens=225)
print(processor.batch_decode(ids, skip_special_tokens=True)[0])
