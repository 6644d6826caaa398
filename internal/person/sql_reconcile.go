package person

const sqlAllPersons = `SELECT id, subject FROM person_person ORDER BY id`
