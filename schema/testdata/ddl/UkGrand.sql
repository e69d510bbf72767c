CREATE TABLE IF NOT EXISTS `djddl`.`__uk_grand` (
`u_alias` binary(16) NOT NULL COMMENT ":uuid:uuid key",
`e` enum('a','b') NOT NULL COMMENT "enum in key",
`when` datetime(3) NOT NULL COMMENT "datetime key",
`p_u` binary(16) NOT NULL COMMENT ":uuid:uuid key",
`p_e` enum('a','b') NOT NULL COMMENT "enum in key",
`p_dt` datetime(3) NOT NULL COMMENT "datetime key",
`method` varchar(16) NOT NULL COMMENT "method name",
`piece` int NOT NULL,
`y` double NOT NULL COMMENT ":float64:",
`_job_start_time` datetime(3) DEFAULT NULL,
`_job_duration` float DEFAULT NULL,
`_job_version` varchar(64) DEFAULT '',
PRIMARY KEY (`u_alias`, `e`, `when`),
FOREIGN KEY (`u_alias`, `e`, `when`) REFERENCES `djddl`.`__uk_child` (`u`, `e`, `dt`) ON UPDATE CASCADE ON DELETE RESTRICT,
FOREIGN KEY (`p_u`, `p_e`, `p_dt`, `method`, `piece`) REFERENCES `djddl`.`__uk_child__piece` (`u`, `e`, `dt`, `method`, `piece`) ON UPDATE CASCADE ON DELETE RESTRICT
) ENGINE=InnoDB, COMMENT "grandchild through a renamed projection"
