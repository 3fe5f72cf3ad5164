"""Pictures drawn from what really happened: timelines, maps, charts, widgets."""

from visuals.charts import bar_chart, line_chart
from visuals.maps import service_map
from visuals.picture import Picture
from visuals.shapes import KINDS
from visuals.timelines import timeline
from visuals.waterfalls import waterfall

__all__ = ["KINDS", "Picture", "bar_chart", "line_chart", "service_map", "timeline", "waterfall"]
