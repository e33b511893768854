def to_dpo(row):
    sysmsg = row["system"].strip() or "You are an AI assistant."
    prompt = f"<|im_start|>system\n{sysmsg}<|im_end|>\n<|im_start|>user\n{row['input']}<|im_end|>\n<|im_start|>assistant\n"
    return {"prompt": prompt, "chosen": row["chosen"] + "<|im_end|>", "rejected": row["rejected"] + "<|im_end|>"}
