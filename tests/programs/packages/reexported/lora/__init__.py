from .attach import *  # noqa: F403
from .attach import attach_adapter as attach
from .detach import detach
