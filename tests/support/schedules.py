"""A retention schedule that is none of the bureau's."""

HARBOUR = """
schedule_id = "harbour/2020"
version = "7"
[names]
zh-CN = "港口"
en = "harbour"
[assign]
unlinked = "short"
unclassified = "nobody_knows"
[assign.matter_types]
"捞捕" = ["dock"]
"沉船" = ["wreck", "dock"]
[assign.procedures]
SEIZE = ["long"]
[disposal]
important = true
[lock]
ahead_months = 6
[classes.short]
names = { zh-CN = "短", en = "short" }
words = { zh-CN = "三个月", en = "three months" }
months = 3
runs_from = "intake"
basis = "港口令"
set_by = "harbour master"
policy = false
valid_from = 2020-01-01
[classes.dock]
names = { zh-CN = "泊", en = "dock" }
words = { zh-CN = "一个月", en = "one month from intake" }
months = 1
runs_from = "intake"
basis = "港口令"
set_by = "harbour master"
policy = false
valid_from = 2020-01-01
[classes.long]
names = { zh-CN = "长", en = "long" }
words = { zh-CN = "十年", en = "ten years" }
months = 120
runs_from = "conclusion"
basis = "港口令"
set_by = "harbour master"
policy = true
valid_from = 2027-01-01
[classes.wreck]
names = { zh-CN = "沉", en = "wreck" }
words = { zh-CN = "永久", en = "for ever" }
keep_for_ever = true
runs_from = "intake"
basis = "港口令"
set_by = "harbour master"
policy = true
valid_from = 2020-01-01
[classes.nobody_knows]
names = { zh-CN = "不明", en = "nobody knows" }
words = { zh-CN = "保存", en = "kept" }
keep_for_ever = true
runs_from = "intake"
basis = "-"
set_by = "harbour master"
policy = true
valid_from = 2020-01-01
"""
"""An invented schedule: other classes, other words, other periods."""
