package jobs
const envRole = "ROWMILL_JOBS_TEST_ROLE"
func child(string) error { return nil }
