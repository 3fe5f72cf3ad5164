"""Pictures drawn from what really happened: timelines, maps, charts, widgets."""

from visuals.picture import Picture
from visuals.timelines import timeline

__all__ = ["Picture", "timeline"]
