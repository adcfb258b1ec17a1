-- What a custodian's program was shown in place of somebody's seat at a ceremony, signed by it.
alter table custody_seat add column objection bytea check (length(objection) <= 16384);
