-- A one-time code is taken: no earlier one is any more, nor the same again.
UPDATE staff SET counter = :counter WHERE name = :name AND enabled = 1 AND counter < :counter
