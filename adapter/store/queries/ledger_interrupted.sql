SELECT batch, n FROM interrupted WHERE (batch, n) > (:batch, :n) ORDER BY batch, n LIMIT :page
