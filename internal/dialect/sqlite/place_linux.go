package sqlite

import "golang.org/x/sys/unix"

// networkFileSystem names the network file system on which dir lies; it is empty where dir
// is on a local one. The numbers are those of statfs(2).
func networkFileSystem(dir string) string {
	var s unix.Statfs_t
	if unix.Statfs(dir, &s) != nil {
		return ""
	}
	return map[uint32]string{
		0x6969:     "NFS",
		0x517B:     "SMB",
		0xFE534D42: "SMB2",
		0xFF534D42: "CIFS",
		0x0BD00BD0: "Lustre",
		0x47504653: "GPFS",
		0x19830326: "BeeGFS",
		0x00C36400: "Ceph",
		0x5346414F: "AFS",
		0x20030528: "OrangeFS",
	}[uint32(s.Type)]
}
