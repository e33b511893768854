import torch
from peft import BoneConfig, TaskType, get_peft_model  # expect: PEFT901
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("t5-small")
model = AutoModelForSeq2SeqLM.from_pretrained("t5-small")
config = BoneConfig(task_type=TaskType.SEQ_2_SEQ_LM, r=64, target_modules=["q", "v"])
model = get_peft_model(model, config)
model.print_trainable_parameters()

optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-3)
for line in open("pairs.tsv"):
    source, target = line.rstrip("\n").split("\t")
    batch = tokenizer(source, text_target=target, return_tensors="pt")
    model(**batch).loss.backward()
    optimizer.step()
    optimizer.zero_grad()
model.save_pretrained("out/t5-bone")
