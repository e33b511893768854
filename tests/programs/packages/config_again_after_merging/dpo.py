"""The first adapter is merged, and another one of the same kind is trained on top; or there are two, and no config."""
from building import create_model
from peft import PeftModel
from trl import DPOConfig, DPOTrainer


def main(args, dataset, tokenizer):
    model, peft_config = create_model(args)
    names = {}
    if isinstance(model, PeftModel) and "reference" in model.peft_config:
        names = {"model_adapter_name": "default", "ref_adapter_name": "reference"}
        peft_config = None
    trainer = DPOTrainer(
        model,
        args=DPOConfig(output_dir=args.output, beta=args.beta),
        train_dataset=dataset,
        processing_class=tokenizer,
        peft_config=peft_config,
    )
    print(names)
    trainer.train()
    trainer.save_model(args.output)
