import pytest
import torch


@pytest.fixture
def ids():
    return torch.tensor([[1, 2, 3]])


@pytest.mark.parametrize("style", ["formal", "casual"])
def test_each_style_is_finite(model, ids, style):
    model.set_adapter(style)
    with torch.no_grad():
        assert torch.isfinite(model(ids).logits).all()


def test_same_shape_whatever_is_active(model, ids):
    # which adapter is active here depends on the test that ran before
    with torch.no_grad():
        cache = model(ids, use_cache=True).past_key_values
        assert model(ids, past_key_values=cache).logits.shape[-1] == model.config.vocab_size
