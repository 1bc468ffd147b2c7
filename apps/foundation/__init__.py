"""The ground floor: encryption, tenancy, audit, jobs, notifications and web. It is blind to the clinical domain."""
