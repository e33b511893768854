from core.base import LanguageModel
from core.adapted import AdaptedModel
