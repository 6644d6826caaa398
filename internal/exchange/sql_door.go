package exchange

const sqlBacklog = `SELECT COUNT(*), COALESCE(MIN(queued), 0) FROM exchange_outbox WHERE NOT stopped`
