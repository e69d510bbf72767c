package jobs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A weakness is one that was found in DataJoint for Python 2.3, and what shows that it is not here: tests of this package, or,
// with its folder, of another; or why there are none.
type weakness struct {
	name  string
	is    string
	tests string
	why   string
}

var weaknesses = []weakness{
	// What was lost or doubled.
	{"W1", "a refresh for some keys removes the jobs of others", "TestRefreshSweeps TestRefreshOfSome", ""},
	{"W2", "a worker who has lost his job changes it nevertheless", "TestComplete TestEndsOfAReservation populate/TestAZombieKeepsNothing", ""},
	{"W3", "jobs of the dead are found by age, by hand, and by two statements between which others come",
		"TestRefreshRescues TestRefreshersAtOnce TestALeaseIsKeptToTheMillisecond populate/TestHeartbeatsKeepALongMake", ""},
	{"W4", "a worker who dies between result and completion leaves the job reserved for ever", "TestComplete TestKilledProcesses TestRefreshSettles", ""},
	{"W5", "trouble with the database before or after the make ends the run and leaves the job reserved", "populate/TestOutcomes populate/TestLostReplies", ""},
	{"W6", "a job is reserved by nobody when the reply to its reservation is lost", "TestALostReplyToAClaim", ""},
	{"W7", "a worker who is told to stop makes errors of his jobs", "populate/TestTerminate populate/TestCancel", ""},
	{"W8", "a key that fails ends the makes of other keys", "populate/TestOutcomes", ""},
	{"W9", "a make that inserts nothing counts as success", "TestComplete populate/TestOutcomes", ""},
	{"W10", "a make in three parts whose middle returns nothing counts as success", "populate/TestStagedFailures populate/TestStagedOutcomes", ""},
	{"W11", "jobs are made, and fail, whose upstream was deleted", "TestWithdraw populate/TestUpstreamVanishes", ""},
	{"W12", "priorities are accepted that cannot be stored, and cannot be changed", "TestPrioritiesOfAJob TestReprioritize TestReschedule TestClaimsOrder", ""},
	{"W13", "times are cut to seconds, or are those of the client's zone", "TestZones TestKeepCompleted TestWhatPythonReads", ""},
	{"W14", "progress takes different keys for one, and what is ignored for work that is left", "populate/TestProgress TestProgressBy TestBacklog", ""},
	{"W15", "a worker is known by a connection that he may not have any more", "TestALostConnectionIsNoDeath TestTurnOfTheDead", ""},
	{"W16", "a connection that was lost is said to be there", "TestALostReplyToAClaim /TestTransactAfterLoss /TestQueryIsRepeatedAfterLoss", ""},
	{"W17", "the history of a job is lost when it is tried again", "TestErrorAgain TestRefreshRescues TestRetrySome TestKeepCompleted", ""},
	// What grew.
	{"W18", "all workers try the same jobs", "populate/TestContention TestClaimersAtOnce", ""},
	{"W19", "a worker does not see what was queued, or freed, after he began", "TestPrioritiesOfAJob populate/TestOthersAreWaitedFor populate/TestTheDeadAreReplaced", ""},
	{"W20", "a refresh sends statements for each key, from each worker", "TestGrowth TestStatementsDoNotGrowWithJobs TestRefreshIsShared TestRefreshEvery", ""},
	{"W21", "a job costs seven statements", "populate/TestContention", ""},
	{"W22", "a transaction is open, and holds locks, for as long as a make computes", "populate/TestStaged populate/TestDirectStages", ""},
	{"W23", "what was read is compared with itself as it is now, value by value, in memory", "populate/TestStagedComputesAgain populate/TestStagedGivesUpOnWhatChangesEachTime", ""},
	{"W24", "what is upstream of a key takes dozens of statements to find", "populate/TestContention populate/TestUpstream", ""},
	// What was missing.
	{"W25", "failures are not tried again", "TestRetryPolicy TestErrorAgain TestTransient populate/TestOutcomes", ""},
	{"W26", "nobody waits for what others have reserved", "populate/TestOthersAreWaitedFor populate/TestTheDeadAreReplaced", ""},
	{"W27", "each table of a pipeline is populated by itself", "populate/TestAll populate/TestAllAndProcesses", ""},
	{"W28", "looking at a queue creates it", "TestLookingNeedsNoRights", ""},
	{"W29", "who works without the queue and who works with it make the same keys", "TestClaimTellsOfResultsThatAreThere TestRefreshSettles populate/TestOutcomes", ""},
	{"W30", "nobody knows which workers there are, and what they did", "TestTurnOfTheDead populate/TestAllAndWorkLeaveARowAMaker", ""},
	{"W31", "jobs have no needs, no tags, and no limits by host", "", "none of the issues asks for it; a restriction of Claim stands for tags"},
	{"W32", "a make cannot be stopped", "populate/TestAZombieIsToldEarly populate/TestCancel populate/TestTimeout", ""},
	{"W33", "one connection does all, so that nothing is done beside a make", "populate/TestHeartbeatsKeepALongMake populate/TestWorkersOverlap", ""},
	{"W34", "small keys are reserved and committed one by one", "TestClaimersAtOnce TestManyKeys populate/TestContention populate/TestStagedGroups populate/TestBatched", ""},
	{"W35", "a key that is ignored loses the reservation that it has", "TestIgnore TestIgnoreAtOnce", ""},
	// What happens when A has a job first, and B after him.
	{"A is slow, B gets his job, A commits", "B's job is gone, and his run ends", "TestComplete populate/TestAZombieKeepsNothing", ""},
	{"A is slow, B gets his job and commits", "A's run ends, or makes an error of B's success", "populate/TestOutcomes TestEndsOfAReservation", ""},
	{"A dies after his COMMIT", "the job is reserved for ever", "TestKilledProcesses populate/TestKilledProcesses TestRefreshSettles", ""},
	{"A dies before his COMMIT", "the job is reserved until somebody asks", "TestRefreshRescues populate/TestTheDeadAreReplaced populate/TestKilledProcesses", ""},
	{"A and B refresh", "one of them fails, and a key is queued that is made", "TestProcessesRefreshAtOnce TestNothingIsQueuedAgain", ""},
	{"A wants some keys, B others", "A removes B's jobs", "TestRefreshSweeps populate/TestOnly", ""},
}

// TestWeaknesses holds the table to the tests that there are.
func TestWeaknesses(t *testing.T) {
	there := map[string]bool{}
	for folder, prefix := range map[string]string{".": "", "../populate": "populate/", "..": "/"} {
		files, err := filepath.Glob(folder + "/*_test.go")
		require.NoError(t, err)
		for _, name := range files {
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
			require.NoError(t, err)
			for _, d := range file.Decls {
				if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
					there[prefix+f.Name.Name] = true
				}
			}
		}
	}
	for _, w := range weaknesses {
		require.NotEmpty(t, w.tests+w.why, "%s: %s", w.name, w.is)
		for test := range strings.FieldsSeq(w.tests) {
			require.True(t, there[test], "%s: %s: there is no %s", w.name, w.is, test)
		}
	}
}
