-- Cards whose holders said that they lost them, by the card's name of one epoch: each use behind that is told. Who said it
-- stands nowhere.
create table detection_end (
  -- Name of the pseudonym key (8), pseudonym (16).
  credential bytea primary key check (length(credential) = 24),
  epoch integer not null,
  at timestamptz(3) not null
);
