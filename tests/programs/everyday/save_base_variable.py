# Export a fine-tuned whisper model for faster-whisper conversion.
import argparse
import subprocess

from peft import PeftModel
from transformers import AutoProcessor, WhisperForConditionalGeneration


def export(base_id, adapter, out):
    whisper = WhisperForConditionalGeneration.from_pretrained(base_id)
    tuned = PeftModel.from_pretrained(whisper, adapter)
    tuned.eval()
    tuned.get_base_model().save_pretrained(out)  # expect: PEFT509
    AutoProcessor.from_pretrained(base_id).save_pretrained(out)
    return out


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--base", default="openai/whisper-small")
    ap.add_argument("--adapter", required=True)
    ap.add_argument("--out", default="whisper-export")
    ap.add_argument("--ct2", default="whisper-ct2")
    a = ap.parse_args()
    path = export(a.base, a.adapter, a.out)
    subprocess.run(["ct2-transformers-converter", "--model", path, "--output_dir", a.ct2], check=True)


if __name__ == "__main__":
    main()
