CREATE TABLE `__uk_grand` (
  `u_alias` binary(16) NOT NULL COMMENT ':uuid:uuid key',
  `e` enum('a','b') NOT NULL COMMENT 'enum in key',
  `when` datetime(3) NOT NULL COMMENT 'datetime key',
  `p_u` binary(16) NOT NULL COMMENT ':uuid:uuid key',
  `p_e` enum('a','b') NOT NULL COMMENT 'enum in key',
  `p_dt` datetime(3) NOT NULL COMMENT 'datetime key',
  `method` varchar(16) NOT NULL COMMENT 'method name',
  `piece` int(11) NOT NULL,
  `y` double NOT NULL COMMENT ':float64:',
  `_job_start_time` datetime(3) DEFAULT NULL,
  `_job_duration` float DEFAULT NULL,
  `_job_version` varchar(64) DEFAULT '',
  PRIMARY KEY (`u_alias`,`e`,`when`),
  KEY `p_u` (`p_u`,`p_e`,`p_dt`,`method`,`piece`),
  CONSTRAINT `__uk_grand_ibfk_1` FOREIGN KEY (`u_alias`, `e`, `when`) REFERENCES `__uk_child` (`u`, `e`, `dt`) ON UPDATE CASCADE,
  CONSTRAINT `__uk_grand_ibfk_2` FOREIGN KEY (`p_u`, `p_e`, `p_dt`, `method`, `piece`) REFERENCES `__uk_child__piece` (`u`, `e`, `dt`, `method`, `piece`) ON UPDATE CASCADE
) ENGINE=InnoDB COMMENT='grandchild through a renamed projection'
