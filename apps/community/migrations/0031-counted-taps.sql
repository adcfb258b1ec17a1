-- Cards that count their taps and prove the count.
ALTER TABLE credential ADD COLUMN counts_taps boolean NOT NULL DEFAULT false;
