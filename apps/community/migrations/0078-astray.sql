-- Reported lost, or its holder left with it: gates are told, so that its use is told as that (rule R13) and not as any blocked
-- card's. Kept when the card is replaced; over once somebody at the desk has it again.
alter table credential add column astray boolean not null default false;
update credential set astray = true where state = 'lost';
