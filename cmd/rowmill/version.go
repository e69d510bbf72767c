package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

// newVersion makes the command that tells which build this is.
func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of this program",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			info, _ := debug.ReadBuildInfo()
			fmt.Fprintln(cmd.OutOrStdout(), version(info))
			return nil
		},
	}
}

// version is what a build tells of itself: its version, and the commit that it was built from.
func version(info *debug.BuildInfo) string {
	text := "rowmill"
	if info == nil {
		return text + " of an unknown version"
	}
	text += " " + info.Main.Version
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	var commit []string
	if revision := settings["vcs.revision"]; revision != "" {
		commit = append(commit, "commit "+revision[:min(len(revision), 12)], settings["vcs.time"])
	}
	if settings["vcs.modified"] == "true" {
		commit = append(commit, "modified")
	}
	if len(commit) > 0 {
		text += " (" + strings.Join(commit, ", ") + ")"
	}
	return text + " " + info.GoVersion + " " + runtime.GOOS + "/" + runtime.GOARCH
}
