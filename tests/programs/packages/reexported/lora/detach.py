def detach(model, merge=False):
    if merge:
        return model.merge_and_unload()
    return model.unload()
